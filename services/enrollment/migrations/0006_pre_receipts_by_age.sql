-- Receipts are kept for a time and then deleted, the oldest first.
CREATE INDEX receipts_by_age ON receipts (changed_at);
