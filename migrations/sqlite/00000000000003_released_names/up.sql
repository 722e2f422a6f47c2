-- The names of deleted buckets, each kept for its last owner until a moment: the store may still complete requests that
-- it admitted before the deletion. The owner may be deleted meanwhile, and the name stays kept.

CREATE TABLE released_names (
    name TEXT NOT NULL PRIMARY KEY,
    owner_id TEXT NOT NULL,
    released_at INTEGER NOT NULL,
    reserved_until INTEGER NOT NULL
) STRICT;

CREATE INDEX released_names_of_owner ON released_names (owner_id, reserved_until);

CREATE INDEX released_names_by_time ON released_names (reserved_until);
