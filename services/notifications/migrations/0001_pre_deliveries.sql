-- Who is told. An area is a Gemeinde, a kreisfreie Stadt or a Kreis (AGS of 8 digits).
CREATE TABLE recipients (
    recipient_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area text NOT NULL,
    role text NOT NULL,
    address text NOT NULL,
    language text NOT NULL DEFAULT 'de',
    min_severity text NOT NULL DEFAULT 'warning',
    CONSTRAINT recipients_area_is_an_ags CHECK (area ~ '^[0-9]{8}$'),
    CONSTRAINT recipients_language_is_spoken CHECK (language IN ('de', 'en')),
    CONSTRAINT recipients_severity_is_known CHECK (min_severity IN ('info', 'warning', 'critical')),
    CONSTRAINT recipients_once_an_area_and_role UNIQUE (area, role, address)
);

-- One message to one recipient about one step of one finding. The id is derived from the natural key, so that a repeat
-- on the topic finds the delivery there already; what is said is kept with it, so that sending needs nobody else.
CREATE TABLE deliveries (
    delivery_id text PRIMARY KEY,
    recipient_id integer NOT NULL REFERENCES recipients,
    person_id text NOT NULL,
    pattern text NOT NULL,
    anchor text NOT NULL,
    severity text NOT NULL,
    since date NOT NULL,
    step_on date NOT NULL,
    municipality text NOT NULL,
    said jsonb NOT NULL,
    event_id text NOT NULL,
    traceparent text,
    state text NOT NULL DEFAULT 'waiting',
    attempts integer NOT NULL DEFAULT 0,
    planned_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    leased_until timestamptz,
    settled_at timestamptz,
    CONSTRAINT deliveries_state_is_known CHECK (state IN ('waiting', 'sent', 'failed')),
    CONSTRAINT deliveries_once_a_step_and_recipient
        UNIQUE (person_id, pattern, anchor, severity, step_on, recipient_id)
);
CREATE INDEX deliveries_due ON deliveries (due_at) WHERE state = 'waiting';
CREATE INDEX deliveries_newest ON deliveries (planned_at DESC);

-- The log of tries: what the mail server answered (its code, never its text, which may name the address).
CREATE TABLE attempts (
    delivery_id text NOT NULL REFERENCES deliveries ON DELETE CASCADE,
    attempt integer NOT NULL,
    tried_at timestamptz NOT NULL,
    outcome text NOT NULL,
    reason text,
    PRIMARY KEY (delivery_id, attempt),
    CONSTRAINT attempts_outcome_is_known CHECK (outcome IN ('sent', 'retried', 'failed'))
);
