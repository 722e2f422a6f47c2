-- The names of deleted buckets, each kept for its last owner until a moment: the store may still complete requests that
-- it admitted before the deletion. The owner may be deleted meanwhile, and the name stays kept.

CREATE TABLE released_names (
    name text COLLATE "C" NOT NULL,
    owner_id uuid NOT NULL,
    released_at timestamptz NOT NULL,
    reserved_until timestamptz NOT NULL,
    CONSTRAINT released_names_pkey PRIMARY KEY (name)
);

-- What counts toward an owner's maximum.
CREATE INDEX released_names_owner_id_idx ON released_names (owner_id, reserved_until);

-- What has expired.
CREATE INDEX released_names_reserved_until_idx ON released_names (reserved_until);
