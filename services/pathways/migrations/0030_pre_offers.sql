-- Offers of integration as last told: the later word wins. A closed one is kept, so that an earlier word that comes again
-- does not open it.
CREATE TABLE offers (
    offer_id      text PRIMARY KEY,
    told_at       timestamptz NOT NULL,
    event_id      text NOT NULL,
    type          text,
    provider      text,
    area          text,
    seats         integer,
    starts_on     date,
    language_from text,
    language_to   text,
    closed_on     date
);
CREATE INDEX offers_by_area ON offers (left(area, 5), starts_on);

-- Who was referred to an offer or has begun there, by the person's measure; `gone` once that came to nothing or ended.
CREATE TABLE offer_places (
    person_id  text NOT NULL,
    measure_id text NOT NULL,
    offer_id   text NOT NULL,
    gone       boolean NOT NULL DEFAULT false,
    PRIMARY KEY (person_id, measure_id)
);
CREATE INDEX offer_places_taken ON offer_places (offer_id) WHERE NOT gone;
