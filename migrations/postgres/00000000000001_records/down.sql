DROP TABLE outbox;
DROP TABLE shards;
DROP TABLE bucket_entries;
DROP TABLE buckets;
DROP TABLE users;
