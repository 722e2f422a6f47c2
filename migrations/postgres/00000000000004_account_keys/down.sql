DROP INDEX users_admins_idx;
ALTER TABLE users DROP COLUMN email_key;
