-- How a source's tables become facts.
CREATE TABLE file_mappings (
    source_number integer NOT NULL REFERENCES sources,
    name text COLLATE "C" NOT NULL,
    document jsonb NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL,
    CONSTRAINT file_mappings_are_named_by_their_source PRIMARY KEY (source_number, name)
);

-- Uploaded files and how far they are. The mapping is a copy: changing the saved one does not change what runs.
CREATE TABLE imports (
    import_id text COLLATE "C" PRIMARY KEY,
    source_number integer NOT NULL REFERENCES sources,
    areas text[] NOT NULL,               -- what the sender's token covered
    mapping_name text COLLATE "C" NOT NULL,
    mapping jsonb NOT NULL,
    file_name text NOT NULL,
    is_dry_run boolean NOT NULL,
    is_snapshot boolean NOT NULL,
    scope_since date,
    scope_until date,
    state text NOT NULL CONSTRAINT imports_state_is_known
        CHECK (state IN ('receiving', 'waiting', 'running', 'braked', 'done', 'cancelled', 'discarded', 'failed')),
    is_planned boolean NOT NULL DEFAULT false,   -- a snapshot that has been compared: `import_facts` is what it changes
    failure text,
    received_at timestamptz NOT NULL,
    received_by text NOT NULL,
    bytes bigint NOT NULL DEFAULT 0,
    sheet_name text,
    columns jsonb NOT NULL DEFAULT '{}',         -- the mapping's columns: letters and name in the file
    rows_total bigint,
    rows_done bigint NOT NULL DEFAULT 0,
    facts_total bigint,
    facts_done bigint NOT NULL DEFAULT 0,
    chunks_done integer NOT NULL DEFAULT 0,
    counts jsonb NOT NULL DEFAULT '{}',
    share double precision,
    cancel_asked boolean NOT NULL DEFAULT false,
    worker text,
    leased_until timestamptz,
    claims integer NOT NULL DEFAULT 0,           -- without any progress in between
    decided_at timestamptz,
    decided_by text,
    finished_at timestamptz,
    CONSTRAINT imports_snapshots_have_a_scope
        CHECK (NOT is_snapshot OR (scope_since IS NOT NULL AND scope_since <= scope_until))
);

CREATE INDEX imports_of_source ON imports (source_number, received_at DESC);
CREATE INDEX imports_open ON imports (received_at) WHERE state IN ('receiving', 'waiting', 'running', 'braked');
-- The second snapshot would be compared with a state the first has not reached yet.
CREATE UNIQUE INDEX imports_one_snapshot_at_a_time ON imports (source_number, mapping_name)
    WHERE is_snapshot AND NOT is_dry_run AND state IN ('waiting', 'running', 'braked');

-- The file itself, only as long as it is needed: it may hold names.
CREATE TABLE import_parts (
    import_id text COLLATE "C" NOT NULL REFERENCES imports ON DELETE CASCADE,
    part integer NOT NULL,
    content bytea NOT NULL,
    CONSTRAINT import_parts_in_order PRIMARY KEY (import_id, part)
);

-- What is to say of rows, in the file's own terms. No cell's content is kept.
CREATE TABLE import_notes (
    import_id text COLLATE "C" NOT NULL REFERENCES imports ON DELETE CASCADE,
    note_number bigint GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL CONSTRAINT import_notes_kind_is_known CHECK (kind IN ('rejection', 'warning')),
    row_number bigint NOT NULL,
    column_letters text,
    column_name text,
    field text NOT NULL,
    code text NOT NULL,
    CONSTRAINT import_notes_in_order PRIMARY KEY (import_id, note_number)
);

-- The facts a compared snapshot tells, until they are told.
CREATE TABLE import_facts (
    import_id text COLLATE "C" NOT NULL REFERENCES imports ON DELETE CASCADE,
    place bigint NOT NULL,
    fact_id text COLLATE "C" NOT NULL,
    row_number bigint NOT NULL,
    subject text COLLATE "C" NOT NULL,
    thing text COLLATE "C" NOT NULL,
    about text COLLATE "C" NOT NULL,
    step text NOT NULL,
    type text NOT NULL,
    data jsonb NOT NULL,
    facet text NOT NULL,
    after jsonb,
    retracts text COLLATE "C",
    CONSTRAINT import_facts_in_order PRIMARY KEY (import_id, place)
);
CREATE INDEX import_facts_by_subject ON import_facts (subject);

-- What the snapshots of a mapping have said so far: the data of each record's facts, and the facts that are in force.
CREATE TABLE snapshot_facets (
    source_number integer NOT NULL,
    mapping_name text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    thing text COLLATE "C" NOT NULL,
    about text COLLATE "C" NOT NULL,
    type text COLLATE "C" NOT NULL,
    data jsonb NOT NULL,
    CONSTRAINT snapshot_facets_once PRIMARY KEY (source_number, mapping_name, subject, thing, about, type)
);
CREATE INDEX snapshot_facets_by_subject ON snapshot_facets (subject);

CREATE TABLE snapshot_told (
    source_number integer NOT NULL,
    mapping_name text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    thing text COLLATE "C" NOT NULL,
    about text COLLATE "C" NOT NULL,
    fact_id text COLLATE "C" NOT NULL,
    type text COLLATE "C" NOT NULL,
    told_at bigint GENERATED ALWAYS AS IDENTITY,
    CONSTRAINT snapshot_told_once PRIMARY KEY (source_number, mapping_name, fact_id)
);
CREATE INDEX snapshot_told_by_subject ON snapshot_told (subject);
