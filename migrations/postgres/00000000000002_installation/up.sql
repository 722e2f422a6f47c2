-- Which installation these records belong to: one row. The store carries hub_id and store_id too.

CREATE TABLE installation (
    id smallint PRIMARY KEY CONSTRAINT installation_one_check CHECK (id = 1),
    hub_id uuid NOT NULL,
    starts bigint NOT NULL,
    store_kind text NOT NULL,
    store_id uuid NOT NULL,
    store_claimed boolean NOT NULL,
    policy_revision bigint NOT NULL DEFAULT 0
);
