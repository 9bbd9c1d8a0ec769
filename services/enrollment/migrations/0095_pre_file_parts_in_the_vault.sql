-- Uploaded files may hold names and dates of birth: while they wait they lie with the vault, sealed with its key.
ALTER TABLE import_parts SET SCHEMA vault;
ALTER TABLE vault.import_parts RENAME TO file_parts;
ALTER TABLE vault.file_parts ADD COLUMN key_id text;  -- of the key that sealed the part; none where there is no key
