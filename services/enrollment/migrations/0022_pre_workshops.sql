CREATE TABLE workshops (
    workshop_id text PRIMARY KEY,
    kind text NOT NULL,
    state text NOT NULL,
    host text NOT NULL,
    ags text COLLATE "C",
    title text,
    starts_at timestamptz,
    ends_at timestamptz,
    venue text COLLATE "C",
    place text,
    seats integer CONSTRAINT workshops_have_seats CHECK (seats > 0),
    created_at timestamptz NOT NULL,
    CONSTRAINT workshops_end_after_start CHECK (ends_at > starts_at)
);

-- Names and addresses of staff who attend stay here; facts carry the booking's id only.
CREATE TABLE bookings (
    booking_id text PRIMARY KEY,
    workshop_id text NOT NULL REFERENCES workshops,
    ags text COLLATE "C" NOT NULL,
    attendee text NOT NULL,
    attendee_name text NOT NULL,
    position integer NOT NULL,
    place text NOT NULL,
    attended boolean,
    CONSTRAINT bookings_have_their_position UNIQUE (workshop_id, position)
);
CREATE UNIQUE INDEX bookings_one_a_person ON bookings (workshop_id, attendee) WHERE place <> 'CANCELLED';
CREATE INDEX bookings_of_area ON bookings (ags);
