-- Pseudonyms of erased persons: nothing is planned for them any more, whatever is still to be heard of them.
CREATE TABLE erased (
    person_id text PRIMARY KEY,
    erased_at timestamptz NOT NULL
);
CREATE INDEX deliveries_about ON deliveries (person_id);
