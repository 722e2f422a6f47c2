DROP TABLE completed_uploads;
ALTER TABLE objects DROP COLUMN is_inline;
DROP TABLE object_data;
