-- The bytes of small objects, which live in the index: one sync stores such an object with its row. They are in a table of
-- their own, so that lists do not read them.
CREATE TABLE object_data (
    object_id INTEGER PRIMARY KEY REFERENCES objects (id) ON DELETE CASCADE,
    data BLOB NOT NULL
) STRICT;

-- 1 when the bytes are in object_data.
ALTER TABLE objects ADD COLUMN is_inline INTEGER NOT NULL DEFAULT 0;

-- What completions were answered, so that a repeated one gets the same answer for a day.
CREATE TABLE completed_uploads (
    upload_id TEXT PRIMARY KEY,
    bucket_id INTEGER NOT NULL REFERENCES buckets (id) ON DELETE CASCADE,
    key BLOB NOT NULL,
    -- Identifies the parts that the completion named.
    parts TEXT NOT NULL,
    etag TEXT NOT NULL,
    modified_at INTEGER NOT NULL,
    checksum_algorithm TEXT,
    checksum_type TEXT,
    checksum TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX completed_uploads_by_time ON completed_uploads (modified_at);
CREATE INDEX completed_uploads_by_bucket ON completed_uploads (bucket_id);
