-- What the embedded store holds. The bytes are in blob files of random names beside this database; a key is never a
-- path. Times are milliseconds since 1970. Keys are bytes, so that they sort as S3 sorts them.

CREATE TABLE buckets (
    -- Never used twice: what is left of a removed bucket cannot turn up in the next one of the same name.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    policy TEXT
) STRICT;

-- One row per version of an object. Without versioning there is one, called 'null', and it is the latest.
CREATE TABLE objects (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    bucket_id INTEGER NOT NULL REFERENCES buckets (id),
    key BLOB NOT NULL,
    version TEXT NOT NULL,
    is_latest INTEGER NOT NULL,
    is_delete_marker INTEGER NOT NULL,
    -- The one blob; NULL when the bytes are those of object_parts, in order.
    blob TEXT UNIQUE,
    size INTEGER NOT NULL,
    etag TEXT NOT NULL,
    modified_at INTEGER NOT NULL,
    -- JSON objects: the content headers, the user's metadata.
    headers TEXT NOT NULL,
    metadata TEXT NOT NULL,
    checksum_algorithm TEXT,
    checksum_type TEXT,
    checksum TEXT,
    UNIQUE (bucket_id, key, version)
) STRICT;

CREATE UNIQUE INDEX objects_latest ON objects (bucket_id, key) WHERE is_latest = 1;

CREATE TABLE object_parts (
    object_id INTEGER NOT NULL REFERENCES objects (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    blob TEXT NOT NULL UNIQUE,
    size INTEGER NOT NULL,
    checksum TEXT,
    PRIMARY KEY (object_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE uploads (
    id TEXT PRIMARY KEY,
    bucket_id INTEGER NOT NULL REFERENCES buckets (id),
    key BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    headers TEXT NOT NULL,
    metadata TEXT NOT NULL,
    checksum_algorithm TEXT,
    checksum_type TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX uploads_by_key ON uploads (bucket_id, key, id);

CREATE TABLE upload_parts (
    upload_id TEXT NOT NULL REFERENCES uploads (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    blob TEXT NOT NULL UNIQUE,
    size INTEGER NOT NULL,
    etag TEXT NOT NULL,
    modified_at INTEGER NOT NULL,
    checksum TEXT,
    PRIMARY KEY (upload_id, number)
) STRICT, WITHOUT ROWID;
