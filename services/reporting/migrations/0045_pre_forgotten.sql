-- Persons the vault has had forgotten: a merge or split that comes late must not bring a row about them back.
ALTER TABLE persons ADD COLUMN forgotten boolean NOT NULL DEFAULT false;
UPDATE persons SET forgotten = true WHERE erased;
