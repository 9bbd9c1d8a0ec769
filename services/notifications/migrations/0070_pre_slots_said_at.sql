-- When a workshop's date was said: of two words the newer one counts, whichever comes first.
ALTER TABLE workshop_slots ADD COLUMN said_at timestamptz NOT NULL DEFAULT '-infinity';
