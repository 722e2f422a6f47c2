-- The CORS rules of a bucket, as JSON. The release before neither reads nor writes them.
ALTER TABLE buckets ADD COLUMN cors text;
