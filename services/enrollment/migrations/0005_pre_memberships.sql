-- The programme's members: facts about persons are taken only for these areas and times.
CREATE TABLE memberships (
    ags text COLLATE "C" NOT NULL,
    since date NOT NULL,
    until date,                          -- the first day it is no member any more
    CONSTRAINT memberships_begin_once PRIMARY KEY (ags, since),
    CONSTRAINT memberships_ends_after_start CHECK (until IS NULL OR until > since)
);

-- All 53 Kreise and kreisfreie Städte take part from the programme's first year.
INSERT INTO memberships (ags, since)
SELECT unnest(ARRAY[
    '05111000', '05112000', '05113000', '05114000', '05116000', '05117000', '05119000', '05120000', '05122000',
    '05124000', '05154000', '05158000', '05162000', '05166000', '05170000', '05314000', '05315000', '05316000',
    '05334000', '05358000', '05362000', '05366000', '05370000', '05374000', '05378000', '05382000', '05512000',
    '05513000', '05515000', '05554000', '05558000', '05562000', '05566000', '05570000', '05711000', '05754000',
    '05758000', '05762000', '05766000', '05770000', '05774000', '05911000', '05913000', '05914000', '05915000',
    '05916000', '05954000', '05958000', '05962000', '05966000', '05970000', '05974000', '05978000'
]), DATE '2018-01-01';
