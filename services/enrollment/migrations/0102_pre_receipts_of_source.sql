-- The newest receipts of a source, for its page.
CREATE INDEX receipts_of_source ON receipts (source_number, changed_at DESC);
