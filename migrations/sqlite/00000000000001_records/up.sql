-- Times are milliseconds since 1970, ids UUIDs in their usual text form. Texts compare by bytes, which is SQLite's default.

CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    sealed_secret BLOB NOT NULL,
    -- A JSON array of strings.
    grants TEXT NOT NULL CHECK (json_valid(grants)),
    access_key TEXT NOT NULL UNIQUE,
    enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    token_epoch INTEGER NOT NULL,
    revoke_sessions INTEGER NOT NULL CHECK (revoke_sessions IN (0, 1)),
    answered INTEGER NOT NULL CHECK (answered IN (0, 1)),
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE buckets (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    owner_id TEXT NOT NULL REFERENCES users (id),
    state TEXT NOT NULL CHECK (state IN ('creating', 'active', 'deleting', 'releasing')),
    seen_absent INTEGER NOT NULL CHECK (seen_absent IN (0, 1)),
    answered INTEGER NOT NULL CHECK (answered IN (0, 1)),
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX buckets_of_owner ON buckets (owner_id, name);

CREATE TABLE bucket_entries (
    bucket_id TEXT NOT NULL REFERENCES buckets (id) ON DELETE CASCADE,
    "grant" TEXT NOT NULL,
    access TEXT NOT NULL CHECK (access IN ('read', 'write', 'manage')),
    shard INTEGER,
    PRIMARY KEY (bucket_id, "grant")
) STRICT, WITHOUT ROWID;

CREATE INDEX bucket_entries_of_grant ON bucket_entries ("grant", shard);

CREATE TABLE shards (
    "grant" TEXT NOT NULL,
    number INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    written INTEGER NOT NULL CHECK (written IN (0, 1)),
    PRIMARY KEY ("grant", number)
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
    key TEXT NOT NULL PRIMARY KEY,
    generation INTEGER NOT NULL,
    done INTEGER NOT NULL,
    lease_token TEXT,
    lease_until INTEGER,
    attempts INTEGER NOT NULL,
    not_before INTEGER NOT NULL,
    last_error TEXT,
    verify_at INTEGER,
    waiting_since INTEGER NOT NULL,
    CHECK ((lease_token IS NULL) = (lease_until IS NULL))
) STRICT;

-- What may be due. Most rows are done, for good: they are not in it.
CREATE INDEX outbox_open ON outbox (waiting_since, key)
    WHERE generation > done OR verify_at IS NOT NULL OR lease_until IS NOT NULL;
