-- Where each attendee wants mail. Facts carry the random id only; who sends mail asks for the address when it sends.
-- Whoever was replaced keeps a row, or could not be told; all rows go some time after the workshop.
CREATE TABLE attendees (
    attendee_id text PRIMARY KEY,
    booking_id text NOT NULL REFERENCES bookings,
    address text NOT NULL,
    language text NOT NULL CONSTRAINT attendees_language_is_spoken CHECK (language IN ('de', 'en'))
);
CREATE INDEX attendees_of_booking ON attendees (booking_id);

-- Empty where the booking is older than this table.
ALTER TABLE bookings ADD COLUMN attendee_id text NOT NULL DEFAULT '';
ALTER TABLE bookings ADD COLUMN language text NOT NULL DEFAULT 'de';
