CREATE TABLE alliance_partners (
    partner_id text PRIMARY KEY,
    ags text COLLATE "C" NOT NULL,
    organisation text NOT NULL,
    role text NOT NULL,
    stands_for text[] NOT NULL,
    joined_on date NOT NULL,
    left_on date,
    CONSTRAINT alliance_partners_leave_after_joining CHECK (left_on IS NULL OR left_on >= joined_on)
);
CREATE INDEX alliance_partners_of_area ON alliance_partners (ags);

CREATE TABLE needs_analyses (
    analysis_id text PRIMARY KEY,
    ags text COLLATE "C" NOT NULL,
    submitted_on date NOT NULL,
    target_group integer,
    needs text NOT NULL,
    offers text NOT NULL,
    gaps text[] NOT NULL,
    document text NOT NULL
);
CREATE INDEX needs_analyses_of_area ON needs_analyses (ags);

CREATE TABLE approaches (
    approach_id text PRIMARY KEY,
    ags text COLLATE "C" NOT NULL,
    submitted_on date NOT NULL,
    title text NOT NULL,
    summary text NOT NULL,
    bausteine text[] NOT NULL,
    document text NOT NULL
);
CREATE INDEX approaches_of_area ON approaches (ags);

CREATE TABLE practices (
    practice_id text PRIMARY KEY,
    ags text COLLATE "C" NOT NULL,
    title text NOT NULL,
    summary text NOT NULL,
    bausteine text[] NOT NULL,
    submitted_on date NOT NULL,
    published_on date
);

CREATE TABLE practice_reuses (
    practice_id text NOT NULL REFERENCES practices,
    ags text COLLATE "C" NOT NULL,
    reused_on date NOT NULL,
    CONSTRAINT practice_reuses_once_a_municipality PRIMARY KEY (practice_id, ags)
);
