-- What became of each row sent. A receipt is `incomplete` until its body was read to the end, so a crash needs no repair.
CREATE TABLE receipts (
    source_number integer NOT NULL REFERENCES sources,
    receipt_id text COLLATE "C" NOT NULL,
    attempt integer NOT NULL DEFAULT 1,  -- counts up when the same name is sent again; the newest sending owns the receipt
    state text NOT NULL DEFAULT 'incomplete' CONSTRAINT receipts_state_is_known CHECK (state IN ('complete', 'incomplete')),
    accepted bigint NOT NULL DEFAULT 0,
    duplicate bigint NOT NULL DEFAULT 0,
    set_aside bigint NOT NULL DEFAULT 0,
    rejected bigint NOT NULL DEFAULT 0,
    warnings bigint NOT NULL DEFAULT 0,
    opened_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT receipts_are_named_by_their_source PRIMARY KEY (source_number, receipt_id)
);

CREATE TABLE receipt_notes (
    source_number integer NOT NULL,
    receipt_id text COLLATE "C" NOT NULL,
    kind text NOT NULL CONSTRAINT receipt_notes_kind_is_known CHECK (kind IN ('rejection', 'warning')),
    row_number bigint NOT NULL,
    field text NOT NULL,
    code text NOT NULL,
    CONSTRAINT receipt_notes_belong_to_a_receipt FOREIGN KEY (source_number, receipt_id)
        REFERENCES receipts ON DELETE CASCADE
);

CREATE INDEX receipt_notes_in_order ON receipt_notes (source_number, receipt_id, kind, row_number);
