DROP INDEX buckets_hub_id;
ALTER TABLE buckets DROP COLUMN hub_id;
