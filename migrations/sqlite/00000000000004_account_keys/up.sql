-- What emails are compared by: lower case, the domain in A-labels. SQL cannot convert a domain with other letters than
-- ASCII: the hub fills those in after this migration. It stays NULL for accounts of an earlier version whose key another
-- account has: they are found by their exact spelling.
ALTER TABLE users ADD COLUMN email_key TEXT;

UPDATE users SET email_key = email WHERE substr(email, instr(email, '@')) NOT GLOB '*[^!-~]*';

CREATE UNIQUE INDEX users_email_key ON users (email_key);

CREATE INDEX users_without_email_key ON users (id) WHERE email_key IS NULL;
