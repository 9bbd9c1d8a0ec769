-- Clusters that were due and whose evaluation failed: they wait here, so that nobody else waits for them, and are tried
-- again every hour and after each start.
CREATE TABLE set_aside (
    person_id text PRIMARY KEY,
    due_on    date NOT NULL,
    reason    text NOT NULL,
    since     timestamptz NOT NULL,
    tries     integer NOT NULL DEFAULT 1
);
