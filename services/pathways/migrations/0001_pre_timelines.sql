-- The date up to which everything has been evaluated. One row; it never goes back.
CREATE TABLE business_date (
    only_one boolean PRIMARY KEY DEFAULT true,
    today    date NOT NULL,
    CONSTRAINT business_date_only_one CHECK (only_one)
);

-- All facts of one pseudonym, packed. Pseudonyms ever linked by a merge or a split form a cluster, named after its least
-- member; the row of that member is the lock of the whole cluster and carries its due date.
CREATE TABLE timelines (
    person_id  text PRIMARY KEY,
    cluster_id text NOT NULL,
    linked     boolean NOT NULL DEFAULT false,
    facts      bytea NOT NULL,
    next_due   date,
    cause      text  -- of facts stored while catching up and not yet evaluated: event id and trace
);
CREATE INDEX timelines_of_cluster ON timelines (cluster_id) WHERE linked;
CREATE INDEX timelines_due ON timelines (next_due) WHERE next_due IS NOT NULL;

-- The last state said of each finding; a retracted one is kept so that its revisions go on counting.
CREATE TABLE findings (
    person_id    text NOT NULL,
    pattern      text NOT NULL,
    anchor       text NOT NULL,
    revision     integer NOT NULL,
    state        text NOT NULL,
    severity     text NOT NULL,
    since        date NOT NULL,
    until        date,
    municipality text,
    historical   boolean NOT NULL,
    held         bytea NOT NULL,
    PRIMARY KEY (person_id, pattern, anchor),
    CONSTRAINT findings_state_known CHECK (state IN ('open', 'closed', 'retracted'))
);
CREATE INDEX findings_open_by_municipality ON findings (municipality, severity) WHERE state = 'open';

-- What was said of each finding, and when: what was known when can be read from it.
CREATE TABLE finding_history (
    person_id     text NOT NULL,
    pattern       text NOT NULL,
    anchor        text NOT NULL,
    revision      integer NOT NULL,
    event         text NOT NULL,
    business_date date NOT NULL,
    said_at       timestamptz NOT NULL,
    data          text NOT NULL
);
CREATE INDEX finding_history_of_person ON finding_history (person_id);
