DROP INDEX users_without_email_key;
DROP INDEX users_email_key;
ALTER TABLE users DROP COLUMN email_key;
