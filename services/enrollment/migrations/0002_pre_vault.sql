-- The vault: which pseudonym a source's own record number stands for. It has its own schema so that its own role can
-- own it; nothing outside the schema refers to local record numbers.
CREATE SCHEMA vault;

CREATE TABLE vault.persons (
    pseudonym text COLLATE "C" PRIMARY KEY,
    issued_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE vault.grants (
    source_number integer NOT NULL,
    local_id text COLLATE "C" NOT NULL,
    pseudonym text COLLATE "C" NOT NULL REFERENCES vault.persons,
    granted_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT grants_one_pseudonym_a_record PRIMARY KEY (source_number, local_id)
);

-- Asked for every fact: may this source speak of this person?
CREATE INDEX grants_by_pseudonym ON vault.grants (pseudonym, source_number);
