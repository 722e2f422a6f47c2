-- Which installation these records belong to: one row. The store carries hub_id and store_id too.

CREATE TABLE installation (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    hub_id TEXT NOT NULL,
    starts INTEGER NOT NULL,
    store_kind TEXT NOT NULL,
    store_id TEXT NOT NULL,
    store_claimed INTEGER NOT NULL CHECK (store_claimed IN (0, 1)),
    policy_revision INTEGER NOT NULL DEFAULT 0
) STRICT;
