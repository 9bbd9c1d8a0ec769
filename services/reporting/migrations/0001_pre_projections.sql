-- The ledger of each pseudonym: the facts that counting needs, as JSON; it makes every record idempotent by (source, id).
-- `changes_on` is the next date on which the contribution can change without a new fact (kept with the counted member
-- of a merge group). An erased pseudonym keeps nothing but its mark: a late record must not bring it back.
CREATE TABLE persons (
    person_id text PRIMARY KEY,
    ledger text NOT NULL DEFAULT '[]',
    erased boolean NOT NULL DEFAULT false,
    changes_on date
);
CREATE INDEX persons_change ON persons (changes_on) WHERE changes_on IS NOT NULL;

-- What each counted person adds to its responsible municipality. Narrow, so that counting all is one quick scan.
CREATE TABLE contributions (
    person_id text PRIMARY KEY,
    municipality text NOT NULL,
    running_measures integer NOT NULL
);

-- The latest statement about each pair of pseudonyms (`one` < `other_one`), whatever order statements come in.
-- `said_at` is the instant of recording as text that sorts; names are compared by code point.
CREATE TABLE links (
    one text NOT NULL,
    other_one text NOT NULL,
    kept text NOT NULL,
    merged boolean NOT NULL,
    said_at text COLLATE "C" NOT NULL,
    source text COLLATE "C" NOT NULL,
    event_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (one, other_one)
);
CREATE INDEX links_other ON links (other_one);

-- The last revision heard of each finding, a retracted one included: an older revision must not bring it back.
CREATE TABLE findings (
    person_id text NOT NULL,
    pattern text NOT NULL,
    anchor text NOT NULL,
    revision bigint NOT NULL,
    severity text NOT NULL,
    municipality text NOT NULL,
    is_open boolean NOT NULL,
    PRIMARY KEY (person_id, pattern, anchor)
);
CREATE INDEX findings_open ON findings (municipality, pattern, severity) WHERE is_open;

-- A mark that something changed since the last count; rows instead of a flag, so that writers never wait for each other.
CREATE TABLE changes (change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);

-- The last count: the true number, for those who may see it, and what is published (null = suppressed).
CREATE TABLE cells (
    indicator text NOT NULL,
    area text NOT NULL,
    number integer NOT NULL,
    shown integer,
    PRIMARY KEY (area, indicator)
);
CREATE TABLE snapshot (
    the_one boolean PRIMARY KEY DEFAULT true CHECK (the_one),
    version bigint NOT NULL DEFAULT 0,
    counted_at timestamptz,
    counted_on date
);
INSERT INTO snapshot DEFAULT VALUES;
