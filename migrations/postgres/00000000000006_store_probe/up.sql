-- What the last probe of the store found, and the lease of whoever probes it: one row.

CREATE TABLE store_probe (
    id smallint PRIMARY KEY CONSTRAINT store_probe_one_check CHECK (id = 1),
    store_id uuid,
    probed_at timestamptz,
    result text,
    lease_token uuid,
    lease_expires_at timestamptz
);
