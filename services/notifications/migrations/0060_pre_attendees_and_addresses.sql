-- A notice goes to a contact of an area, or to one attendee of a workshop: of the latter only the random id is known
-- here, the address is asked for when the mail is sent and kept nowhere.
ALTER TABLE notices ALTER COLUMN contact_id DROP NOT NULL;
ALTER TABLE notices ADD COLUMN attendee_id text;
ALTER TABLE notices ADD COLUMN language text;
ALTER TABLE notices ADD CONSTRAINT notices_go_to_somebody CHECK (contact_id IS NOT NULL OR attendee_id IS NOT NULL);
CREATE INDEX notices_newest ON notices (planned_at DESC);

-- Boxes that were taken off stay as a number, for what was sent to them; their address goes.
ALTER TABLE contacts ADD COLUMN removed_at timestamptz;
ALTER TABLE recipients ADD COLUMN removed_at timestamptz;
ALTER TABLE contacts DROP CONSTRAINT contacts_role_is_known;
ALTER TABLE contacts ADD CONSTRAINT contacts_role_is_known CHECK (role IN ('managing_body', 'district', 'jmd', 'ministry'));
