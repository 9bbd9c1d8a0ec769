-- The operator is told of sources that fall silent.
ALTER TABLE contacts DROP CONSTRAINT contacts_role_is_known;
ALTER TABLE contacts ADD CONSTRAINT contacts_role_is_known
    CHECK (role IN ('managing_body', 'district', 'jmd', 'ministry', 'operator'));
