-- The programme's members: facts about persons are taken only for these areas and times.
CREATE TABLE memberships (
    ags text COLLATE "C" NOT NULL,
    since date NOT NULL,
    until date,                          -- the first day it is no member any more
    CONSTRAINT memberships_begin_once PRIMARY KEY (ags, since),
    CONSTRAINT memberships_ends_after_start CHECK (until IS NULL OR until > since)
);
