-- Pseudonyms that stood for somebody until that person was erased. The mark names nobody any more; it refuses a resend.
CREATE TABLE vault.erasures (
    pseudonym text COLLATE "C" PRIMARY KEY,
    reason text NOT NULL,
    asked_by text NOT NULL,
    erased_at timestamptz NOT NULL DEFAULT now()
);

-- What each service answered: how much it has removed, and how much of the person it still found afterwards.
CREATE TABLE vault.proofs (
    pseudonym text COLLATE "C" NOT NULL,
    service text NOT NULL,
    removed bigint NOT NULL,
    remaining bigint NOT NULL,
    confirmed_at timestamptz NOT NULL,
    CONSTRAINT proofs_one_a_service PRIMARY KEY (pseudonym, service)
);
