-- Mail boxes for what happens to a municipality in the programme; whoever must act, by area and role.
CREATE TABLE contacts (
    contact_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area text NOT NULL,
    role text NOT NULL,
    address text NOT NULL,
    language text NOT NULL DEFAULT 'de',
    CONSTRAINT contacts_area_is_an_ags CHECK (area ~ '^[0-9]{8}$'),
    CONSTRAINT contacts_role_is_known CHECK (role IN ('managing_body', 'district')),
    CONSTRAINT contacts_language_is_spoken CHECK (language IN ('de', 'en')),
    CONSTRAINT contacts_once_an_area_and_role UNIQUE (area, role, address)
);

-- When and where workshops are, for the calendar entries of bookings.
CREATE TABLE workshop_slots (
    workshop_id text PRIMARY KEY,
    kind text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    venue text NOT NULL
);

-- One message to one contact about one event; the id is derived from both, so that a repeat finds it there.
CREATE TABLE notices (
    notice_id text PRIMARY KEY,
    contact_id integer NOT NULL REFERENCES contacts,
    about text NOT NULL,
    municipality text NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    calendar text,
    event_id text NOT NULL,
    traceparent text,
    state text NOT NULL DEFAULT 'waiting',
    attempts integer NOT NULL DEFAULT 0,
    planned_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    leased_until timestamptz,
    settled_at timestamptz,
    last_reason text,
    CONSTRAINT notices_state_is_known CHECK (state IN ('waiting', 'sent', 'failed'))
);
CREATE INDEX notices_due ON notices (due_at) WHERE state = 'waiting';
