-- As which body a box reads: the matrix of senders and recipients decides what its mails may say. The codes are those of
-- the facts and may grow; boxes entered before read as the programme's own case management, as readers without a body do.
ALTER TABLE recipients ADD COLUMN body text NOT NULL DEFAULT 'KI';
