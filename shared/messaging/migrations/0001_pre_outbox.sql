-- What has been decided and not yet been sent. One relay a database reads it by id and deletes after the acknowledgement.
CREATE TABLE outbox (
    outbox_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic      text NOT NULL,
    key        bytea NOT NULL,
    subject    text NOT NULL,
    value      bytea,
    headers    text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
) WITH (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 20000);

-- Records that could not be taken. The natural key is where they stood; one seen twice is one row.
CREATE TABLE dead_letters (
    dead_letter_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic          text NOT NULL,
    partition      integer NOT NULL,
    "offset"       bigint NOT NULL,
    key            bytea,
    value          bytea,
    headers        text NOT NULL,
    reason         text NOT NULL,
    field          text,
    attempts       integer NOT NULL,
    dead_at        timestamptz NOT NULL DEFAULT now(),
    state          text NOT NULL DEFAULT 'open',
    decided_by     text,
    decided_why    text,
    decided_at     timestamptz,
    CONSTRAINT dead_letters_one_a_record UNIQUE (topic, partition, "offset"),
    CONSTRAINT dead_letters_state_known CHECK (state IN ('open', 'requested', 'resent', 'discarded'))
);
CREATE INDEX dead_letters_by_state ON dead_letters (state, dead_letter_id);

-- A topic whose consumer has stopped because too much of it would go to the dead letters.
CREATE TABLE consumer_holds (
    topic       text PRIMARY KEY,
    since       timestamptz NOT NULL DEFAULT now(),
    reason      text NOT NULL,
    released_at timestamptz,
    released_by text
);
