-- Referrals that have not led to a start yet, with what the start would make of the person's findings, so that somebody
-- is told before it begins. `checked_on` NULL: to be looked at (again); severity NULL: nothing to warn of.
CREATE TABLE referrals (
    person_id    text NOT NULL,
    measure_id   text NOT NULL,
    type         text NOT NULL,
    starts_on    date,
    checked_on   date,
    municipality text,
    severity     text,
    patterns     text[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (person_id, measure_id)
);
CREATE INDEX referrals_to_check ON referrals (checked_on NULLS FIRST);
CREATE INDEX referrals_to_warn_of ON referrals (municipality) WHERE severity IS NOT NULL;
