-- The records of the hub. Names and grants are compared byte by byte (COLLATE "C"): pages are in that order, and the
-- same in every installation.

CREATE TABLE users (
    id uuid PRIMARY KEY,
    email text COLLATE "C" NOT NULL,
    password_hash text NOT NULL,
    sealed_secret bytea NOT NULL,
    grants text[] NOT NULL,
    access_key text COLLATE "C" NOT NULL,
    enabled boolean NOT NULL,
    token_epoch bigint NOT NULL,
    revoke_sessions boolean NOT NULL,
    answered boolean NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT users_email_key UNIQUE (email),
    CONSTRAINT users_access_key_key UNIQUE (access_key)
);

CREATE TABLE buckets (
    id uuid PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    owner_id uuid NOT NULL,
    state text NOT NULL,
    seen_absent boolean NOT NULL,
    answered boolean NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT buckets_name_key UNIQUE (name),
    CONSTRAINT buckets_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES users (id),
    CONSTRAINT buckets_state_check CHECK (state IN ('creating', 'active', 'deleting', 'releasing'))
);

-- The pages of an owner's buckets.
CREATE INDEX buckets_owner_id_name_idx ON buckets (owner_id, name);

CREATE TABLE bucket_entries (
    bucket_id uuid NOT NULL,
    "grant" text COLLATE "C" NOT NULL,
    access text NOT NULL,
    shard integer,
    CONSTRAINT bucket_entries_pkey PRIMARY KEY (bucket_id, "grant"),
    CONSTRAINT bucket_entries_bucket_id_fkey FOREIGN KEY (bucket_id) REFERENCES buckets (id) ON DELETE CASCADE,
    CONSTRAINT bucket_entries_access_check CHECK (access IN ('read', 'write', 'manage'))
);

-- What stands in a policy shard, and what a grant gives.
CREATE INDEX bucket_entries_grant_shard_idx ON bucket_entries ("grant", shard);

CREATE TABLE shards (
    "grant" text COLLATE "C" NOT NULL,
    number integer NOT NULL,
    bytes bigint NOT NULL,
    written boolean NOT NULL,
    CONSTRAINT shards_pkey PRIMARY KEY ("grant", number)
);

CREATE TABLE outbox (
    key text COLLATE "C" PRIMARY KEY,
    generation bigint NOT NULL,
    done bigint NOT NULL,
    lease_token uuid,
    lease_until timestamptz,
    attempts integer NOT NULL,
    not_before timestamptz NOT NULL,
    last_error text,
    verify_at timestamptz,
    waiting_since timestamptz NOT NULL,
    CONSTRAINT outbox_lease_check CHECK ((lease_token IS NULL) = (lease_until IS NULL))
);

-- The few rows that a pass looks at, among all that are done.
CREATE INDEX outbox_open_idx ON outbox (waiting_since, key)
    WHERE done < generation OR lease_token IS NOT NULL OR verify_at IS NOT NULL;
