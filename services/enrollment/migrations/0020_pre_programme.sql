-- The programme's dates as the ministry keeps them; the newest row holds, none means the dates of the paper.
CREATE TABLE programme_versions (
    version integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    document jsonb NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL
);

-- What was told of municipalities, workshops and offers, as published: the history that pages show.
CREATE TABLE told_facts (
    fact_id text PRIMARY KEY,
    topic text NOT NULL,
    subject text NOT NULL,
    ags text COLLATE "C",
    type text NOT NULL,
    data jsonb NOT NULL,
    recorded_at timestamptz NOT NULL,
    recorded_by text NOT NULL
);
CREATE INDEX told_facts_of_area ON told_facts (ags, recorded_at);
