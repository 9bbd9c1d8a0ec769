-- What case management has decided about a finding: who looks after it, seen and why, not before a date. An escalation
-- brings a finding back that was seen or put off at a lower severity. Erasing the finding erases this too.
CREATE TABLE handlings (
    person_id             text NOT NULL,
    pattern               text NOT NULL,
    anchor                text NOT NULL,
    assigned_to           text,
    acknowledged_at       timestamptz,
    acknowledged_by       text,
    acknowledged_reason   text,
    acknowledged_severity text,
    muted_until           date,
    muted_severity        text,
    changed_at            timestamptz NOT NULL,
    PRIMARY KEY (person_id, pattern, anchor),
    FOREIGN KEY (person_id, pattern, anchor) REFERENCES findings ON DELETE CASCADE
);
CREATE INDEX handlings_by_assignee ON handlings (assigned_to) WHERE assigned_to IS NOT NULL;

-- Who decided what about a finding, in order.
CREATE TABLE handling_steps (
    step_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id text NOT NULL,
    pattern   text NOT NULL,
    anchor    text NOT NULL,
    done_at   timestamptz NOT NULL,
    done_by   text NOT NULL,
    action    text NOT NULL,
    detail    text,
    FOREIGN KEY (person_id, pattern, anchor) REFERENCES findings ON DELETE CASCADE,
    CONSTRAINT handling_steps_action_known CHECK (action IN ('assign', 'acknowledge', 'mute', 'hand_over'))
);
CREATE INDEX handling_steps_of_finding ON handling_steps (person_id, pattern, anchor);

-- Who looked at which persons, and why. It outlives the persons' data: it answers who has seen it.
CREATE TABLE read_log (
    look_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    read_at  timestamptz NOT NULL,
    reader   text NOT NULL,
    role     text NOT NULL,
    body     text,
    persons  text[] NOT NULL,
    what     text NOT NULL,
    reason   text NOT NULL
);
CREATE INDEX read_log_of_person ON read_log USING gin (persons);
CREATE INDEX read_log_of_reader ON read_log (reader, read_at);
