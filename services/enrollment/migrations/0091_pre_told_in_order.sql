-- What was told at the same instant is shown in the order it was told in.
ALTER TABLE told_facts ADD COLUMN position bigint GENERATED ALWAYS AS IDENTITY;
