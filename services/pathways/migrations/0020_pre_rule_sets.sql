-- Rule sets that were activated, kept here so that all processes read the same. One once kept is never changed.
CREATE TABLE rule_sets (
    version   text PRIMARY KEY,
    rules     text NOT NULL,  -- TOML
    catalogue text NOT NULL,  -- CSV
    kept_at   timestamptz NOT NULL
);

-- From which business date a rule set is in force, who decided it, and how far everybody has been evaluated by it.
-- Of two on one date the later one holds. `reached` is the last cluster evaluated, in the order of their names;
-- `next_at` keeps the pace for all processes together.
CREATE TABLE activations (
    activation_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version       text NOT NULL REFERENCES rule_sets,
    effective_on  date NOT NULL,
    state         text NOT NULL DEFAULT 'planned',
    decided_at    timestamptz NOT NULL,
    decided_by    text NOT NULL,
    started_at    timestamptz,
    finished_at   timestamptz,
    next_at       timestamptz,
    reached       text NOT NULL DEFAULT '',
    persons_done  integer NOT NULL DEFAULT 0,
    persons_total integer NOT NULL DEFAULT 0,
    said          integer NOT NULL DEFAULT 0,
    CONSTRAINT activations_state_known
        CHECK (state IN ('planned', 'running', 'stopped', 'done', 'superseded', 'withdrawn'))
);
CREATE INDEX activations_in_turn ON activations (effective_on, activation_id) WHERE state <> 'withdrawn';

-- Rule sets tried on the stored timelines: nothing follows from them. `cells` is what would differ, as counts.
CREATE TABLE trials (
    trial_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version       text NOT NULL,
    rules         text NOT NULL,
    catalogue     text NOT NULL,
    state         text NOT NULL DEFAULT 'waiting',
    asked_at      timestamptz NOT NULL,
    asked_by      text NOT NULL,
    alive_at      timestamptz,
    finished_at   timestamptz,
    persons_done  integer NOT NULL DEFAULT 0,
    persons_total integer NOT NULL DEFAULT 0,
    evaluated_on  date,
    held_version  text,
    cells         jsonb,
    CONSTRAINT trials_state_known CHECK (state IN ('waiting', 'running', 'done', 'failed'))
);
