-- What has been taken, by key. The fact itself is on the topic `enrollment.persons`, which is kept for ever: here is only
-- what tells a repeat from a new fact, and what finds all records of a person when they are to be erased.
CREATE TABLE facts (
    source_number integer NOT NULL,      -- of `sources`; not a foreign key, which would be looked up for every row
    fact_id text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    type text COLLATE "C" NOT NULL,
    about text COLLATE "C",              -- kind and id of the measure, spell, test or certificate it speaks of
    content bytea NOT NULL,              -- SHA-256 of type, subject and data (canonical JSON)
    recorded_at timestamptz NOT NULL,    -- the event's `time`
    taken_at timestamptz NOT NULL DEFAULT now(),
    is_set_aside boolean NOT NULL DEFAULT false,
    CONSTRAINT facts_are_taken_once PRIMARY KEY (source_number, fact_id)
);

-- All of a person, for erasure; and whether two sources speak of one measure of the person.
CREATE INDEX facts_by_subject ON facts (subject, about);

-- Events of a type this release does not know: whole, never published, judged again by a later release.
CREATE TABLE set_aside (
    source_number integer NOT NULL,
    fact_id text COLLATE "C" NOT NULL,
    type text COLLATE "C" NOT NULL,
    event text NOT NULL,                 -- the structured event as JSON
    receipt_id text COLLATE "C" NOT NULL,
    receipt_row bigint NOT NULL,
    refused_field text,                  -- set when a later release knew the type and refused the event
    refused_code text,
    judged_at timestamptz,
    CONSTRAINT set_aside_once PRIMARY KEY (source_number, fact_id),
    CONSTRAINT set_aside_is_known FOREIGN KEY (source_number, fact_id) REFERENCES facts
);

CREATE INDEX set_aside_waiting ON set_aside (type, source_number, fact_id) WHERE judged_at IS NULL;
