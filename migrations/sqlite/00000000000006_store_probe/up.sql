-- What the last probe of the store found, and the lease of whoever probes it: one row.

CREATE TABLE store_probe (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    store_id TEXT,
    probed_at INTEGER,
    result TEXT,
    lease_token TEXT,
    lease_expires_at INTEGER
) STRICT;
