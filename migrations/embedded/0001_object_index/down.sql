DROP TABLE upload_parts;
DROP TABLE uploads;
DROP TABLE object_parts;
DROP TABLE objects;
DROP TABLE buckets;
