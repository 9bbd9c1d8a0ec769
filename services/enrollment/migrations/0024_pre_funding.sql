-- The five Bausteine of the programme and the six funding blocks (Förderbausteine): two registries, both open.
CREATE TABLE bausteine (
    baustein text PRIMARY KEY,
    title_de text NOT NULL,
    title_en text NOT NULL,
    scope text COLLATE "C" NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    position integer GENERATED ALWAYS AS IDENTITY
);
INSERT INTO bausteine (baustein, title_de, title_en, scope, valid_from) VALUES
    ('B1', 'Lokale Bündnisse bilden', 'Form local alliances', '05000000', DATE '2018-09-01'),
    ('B2', 'Bedarfe analysieren, Datenlage verbessern', 'Analyse needs, improve the data', '05000000', DATE '2018-09-01'),
    ('B3', 'Maßnahme-Karrieren erkennen und vermeiden', 'Recognise and avoid measure careers', '05000000', DATE '2018-09-01'),
    ('B4', 'Angebotslücken schließen, Qualität überprüfen', 'Close gaps in offers, check their quality', '05000000', DATE '2018-09-01'),
    ('B5', 'Kontinuierliche Beratung und Begleitung', 'Continuous counselling and support', '05000000', DATE '2018-09-01');

CREATE TABLE funding_blocks (
    block text PRIMARY KEY,
    title_de text NOT NULL,
    title_en text NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    position integer GENERATED ALWAYS AS IDENTITY
);
INSERT INTO funding_blocks (block, title_de, title_en, valid_from) VALUES
    ('F1', 'Coaching', 'Coaching', DATE '2019-01-01'),
    ('F2', 'Berufsbegleitende Qualifizierung und Sprachförderung', 'Qualification and language beside work', DATE '2019-01-01'),
    ('F3', 'Nachträglicher Hauptschulabschluss', 'Lower secondary certificate made up for', DATE '2019-01-01'),
    ('F4', 'Vorbereitende Kurse und Jugendintegrationskurse', 'Preparatory courses and youth integration courses', DATE '2019-01-01'),
    ('F5', 'Innovationsfonds', 'Innovation fund', DATE '2019-01-01'),
    ('F6', 'Teilhabemanagement', 'Participation management', DATE '2019-01-01');

CREATE TABLE funding_scenarios (
    scenario text NOT NULL,
    from_members integer NOT NULL CONSTRAINT funding_scenarios_from_is_not_negative CHECK (from_members >= 0),
    kind text NOT NULL,                  -- empty: every kind of member
    amount numeric(14, 2) NOT NULL CONSTRAINT funding_scenarios_amount_is_not_negative CHECK (amount >= 0),
    PRIMARY KEY (scenario, from_members, kind)
);

CREATE TABLE funding_decisions (
    funding_id text PRIMARY KEY,
    ags text COLLATE "C" NOT NULL,
    block text NOT NULL REFERENCES funding_blocks,
    decided_on date NOT NULL,
    amount numeric(14, 2) NOT NULL,
    granted_from date NOT NULL,
    granted_until date NOT NULL,
    CONSTRAINT funding_decisions_end_after_start CHECK (granted_until >= granted_from)
);

CREATE TABLE offers (
    offer_id text PRIMARY KEY,
    type text NOT NULL,
    provider text NOT NULL,
    ags text COLLATE "C" NOT NULL,
    title text NOT NULL,
    place text NOT NULL,
    seats integer NOT NULL CONSTRAINT offers_seats_are_not_negative CHECK (seats >= 0),
    starts_on date NOT NULL,
    language_from text,
    language_to text,
    closed_on date
);
CREATE INDEX offers_of_area ON offers (ags);
