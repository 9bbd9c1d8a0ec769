-- Whose data are kept and used for nothing, and when that began and ended (Einschränkung der Verarbeitung, Art. 18 DSGVO).
CREATE TABLE vault.restrictions (
    restriction_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    pseudonym text COLLATE "C" NOT NULL REFERENCES vault.persons ON DELETE CASCADE,
    reason text NOT NULL,
    restricted_by text NOT NULL,
    restricted_at timestamptz NOT NULL DEFAULT now(),
    released_by text,
    released_at timestamptz,
    CONSTRAINT restrictions_end_by_somebody CHECK ((released_by IS NULL) = (released_at IS NULL))
);
CREATE INDEX restrictions_of_person ON vault.restrictions (pseudonym);
CREATE UNIQUE INDEX restrictions_one_in_force ON vault.restrictions (pseudonym) WHERE released_at IS NULL;
