-- Evidence as it was handed in; the same bytes are kept once for a municipality.
CREATE TABLE documents (
    ags text COLLATE "C" NOT NULL,
    sha256 text NOT NULL CONSTRAINT documents_sha256_is_hexadecimal CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    media_type text NOT NULL,
    content bytea NOT NULL,
    uploaded_at timestamptz NOT NULL,
    uploaded_by text NOT NULL,
    CONSTRAINT documents_once_for_a_municipality PRIMARY KEY (ags, sha256)
);

-- One row a municipality: where it stands. Its history is in told_facts.
CREATE TABLE declarations (
    ags text COLLATE "C" PRIMARY KEY,
    needs_concurrence boolean NOT NULL,
    status text NOT NULL,
    received_on date,
    changed_on date,
    late boolean NOT NULL,
    late_accepted boolean NOT NULL,
    evidence text NOT NULL,
    signed_on date,
    signatory_name text NOT NULL,
    signatory_function text NOT NULL,
    signatory_on_board boolean,
    managing_body_kind text NOT NULL,
    managing_body_name text NOT NULL,
    managing_body_contact text NOT NULL,
    concurrence text NOT NULL,
    concurrence_by text,
    concurrence_on date,
    concurrence_evidence text NOT NULL,
    concurrence_contradicted boolean NOT NULL,
    return_reasons text[] NOT NULL,
    resume text NOT NULL,
    membership_id text,
    ended_on date
);

-- Memberships in two times: from started_on to the day before ended_on, as known from known_at until known_until.
CREATE TABLE membership_versions (
    membership_id text NOT NULL,
    ags text COLLATE "C" NOT NULL,
    started_on date NOT NULL,
    ended_on date,
    known_at timestamptz NOT NULL,
    known_until timestamptz,
    CONSTRAINT membership_versions_follow_each_other PRIMARY KEY (membership_id, known_at),
    CONSTRAINT membership_versions_end_after_start CHECK (ended_on IS NULL OR ended_on >= started_on)
);
CREATE UNIQUE INDEX membership_versions_one_runs_at_a_time ON membership_versions (ags)
    WHERE known_until IS NULL AND ended_on IS NULL;

-- Who was reminded of what, so that nobody is told twice on the same occasion.
CREATE TABLE reminders (
    ags text COLLATE "C" NOT NULL,
    about text NOT NULL,
    due_on date NOT NULL,
    reminded_at timestamptz NOT NULL,
    CONSTRAINT reminders_once_an_occasion PRIMARY KEY (ags, about, due_on)
);
