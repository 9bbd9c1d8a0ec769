-- Emitting systems registered by the programme. The number stands for the URI in the large tables.
CREATE TABLE sources (
    source_number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source text COLLATE "C" NOT NULL CONSTRAINT sources_uri_is_registered_once UNIQUE,
    body text NOT NULL,
    areas text[] NOT NULL,
    contact text NOT NULL,
    rhythm_days integer NOT NULL CONSTRAINT sources_rhythm_is_positive CHECK (rhythm_days > 0),
    brake_limit double precision CONSTRAINT sources_brake_is_a_share CHECK (brake_limit > 0 AND brake_limit <= 1),
    registered_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now()
);
