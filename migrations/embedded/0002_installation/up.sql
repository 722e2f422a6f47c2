-- Which installation the objects belong to: one row, which the records and hub.json repeat.

CREATE TABLE installation (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    hub_id TEXT NOT NULL,
    starts INTEGER NOT NULL
) STRICT;
