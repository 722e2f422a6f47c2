-- Which bucket of the records a bucket is: the name alone may belong to another one by the time that a write is
-- committed. NULL for buckets of an earlier version, until the hub fills it in from the records, and for buckets that
-- the records do not know.
ALTER TABLE buckets ADD COLUMN hub_id TEXT;

CREATE UNIQUE INDEX buckets_hub_id ON buckets (hub_id);
