-- What tells how good a source's reports are: when a fact took effect, where, and how many of its fields were filled.
ALTER TABLE facts ADD COLUMN effective_on date;
ALTER TABLE facts ADD COLUMN area text COLLATE "C";
ALTER TABLE facts ADD COLUMN fields_given smallint;
CREATE INDEX facts_by_taking ON facts USING brin (taken_at);  -- facts are appended: the last thirty days lie together

-- The figures of the last thirty days, reckoned anew every few minutes.
CREATE TABLE source_quality (
    source_number integer PRIMARY KEY REFERENCES sources,
    measured_at timestamptz NOT NULL,
    taken bigint NOT NULL,
    corrected bigint NOT NULL,           -- facts that correct or take back others
    delay_days double precision,         -- median from the day of effect to the day of receipt
    fields_given bigint NOT NULL,
    fields_declared bigint NOT NULL,
    areas_seen text[] NOT NULL,
    periods_seen integer NOT NULL
);
