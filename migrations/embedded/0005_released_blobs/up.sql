-- Blobs that a commit released and whose files may still exist. They are deleted after the commit was answered; a start
-- deletes what a process that died has left.
CREATE TABLE released_blobs (
    blob TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
