-- What emails are compared by: lower case, the domain in A-labels. SQL cannot convert a domain with other letters than
-- ASCII: the hub fills those in after this migration. It stays NULL for accounts of an earlier version whose key another
-- account has: they are found by their exact spelling. It is also NULL where a replica of the version before inserts.
ALTER TABLE users ADD COLUMN email_key text COLLATE "C";

UPDATE users SET email_key = email WHERE email ~ '@[!-~]+$';

ALTER TABLE users ADD CONSTRAINT users_email_key_unique UNIQUE (email_key);

CREATE INDEX users_without_email_key_idx ON users (id) WHERE email_key IS NULL;

-- Whether an administrator is left is asked before one is demoted or disabled.
CREATE INDEX users_admins_idx ON users (id) WHERE grants @> '{admin}';
