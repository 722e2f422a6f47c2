DROP TABLE released_blobs;
