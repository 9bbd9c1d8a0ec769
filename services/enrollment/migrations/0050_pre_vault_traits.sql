-- Who somebody is, as each source says it: encrypted with a key that is not in the database, found by keyed hashes.
CREATE TABLE vault.traits (
    source_number integer NOT NULL,
    local_id text COLLATE "C" NOT NULL,
    pseudonym text COLLATE "C" NOT NULL,
    key_id text NOT NULL,                -- of the key that sealed and hashed this row
    sealed bytea NOT NULL,               -- nonce and AES-256-GCM of the traits, bound to source and record number
    azr_number bytea,                    -- HMAC-SHA-256 of each comparable trait
    name bytea,
    birth_date bytea,
    kept_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT traits_one_a_record PRIMARY KEY (source_number, local_id),
    CONSTRAINT traits_of_a_grant FOREIGN KEY (source_number, local_id) REFERENCES vault.grants ON DELETE CASCADE
);
CREATE INDEX traits_by_azr_number ON vault.traits (azr_number) WHERE azr_number IS NOT NULL;
CREATE INDEX traits_by_name_and_birth ON vault.traits (name, birth_date) WHERE name IS NOT NULL;
CREATE INDEX traits_by_pseudonym ON vault.traits (pseudonym);
CREATE INDEX traits_by_key ON vault.traits (key_id);

-- The keys that rows may be sealed with, by id; one is current. The keys themselves are in a file.
CREATE TABLE vault.keys (
    key_id text PRIMARY KEY,
    is_current boolean NOT NULL,
    since timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX keys_one_is_current ON vault.keys (is_current) WHERE is_current;

-- Pairs of pseudonyms (`one` < `other_one`): near matches that wait, merges in force, and what was taken apart for good.
CREATE TABLE vault.pairs (
    one text COLLATE "C" NOT NULL REFERENCES vault.persons ON DELETE CASCADE,
    other_one text COLLATE "C" NOT NULL REFERENCES vault.persons ON DELETE CASCADE,
    agreed text[] NOT NULL,              -- the traits that agreed when the pair was found
    state text NOT NULL,
    found_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pairs_once PRIMARY KEY (one, other_one),
    CONSTRAINT pairs_are_ordered CHECK (one < other_one),
    CONSTRAINT pairs_state_is_known CHECK (state IN ('waiting', 'merged', 'apart'))
);
CREATE INDEX pairs_of_the_other ON vault.pairs (other_one);
CREATE INDEX pairs_waiting ON vault.pairs (found_at) WHERE state = 'waiting';

-- Who decided what about a pair, and why; `vault` decides by rule.
CREATE TABLE vault.decisions (
    decision_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    one text COLLATE "C" NOT NULL,
    other_one text COLLATE "C" NOT NULL,
    decision text NOT NULL,
    reason text NOT NULL,
    decided_by text NOT NULL,
    decided_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT decisions_about_a_pair FOREIGN KEY (one, other_one) REFERENCES vault.pairs ON DELETE CASCADE,
    CONSTRAINT decisions_are_known CHECK (decision IN ('merge', 'apart', 'split'))
);
CREATE INDEX decisions_of_pair ON vault.decisions (one, other_one);

-- What the vault itself has said on `enrollment.persons`, so that erasure finds these records too.
CREATE TABLE vault.said (
    pseudonym text COLLATE "C" NOT NULL,
    other text COLLATE "C" NOT NULL,
    event_id text COLLATE "C" NOT NULL,
    CONSTRAINT said_once PRIMARY KEY (pseudonym, event_id)
);
CREATE INDEX said_of_the_other ON vault.said (other);

-- Who looked behind which pseudonym, and why. It outlives the person's data and holds no traits.
CREATE TABLE vault.read_log (
    look_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    read_at timestamptz NOT NULL DEFAULT now(),
    reader text NOT NULL,
    role text NOT NULL,
    pseudonyms text[] NOT NULL,
    what text NOT NULL,
    reason text NOT NULL
);
CREATE INDEX read_log_of_person ON vault.read_log USING gin (pseudonyms);
