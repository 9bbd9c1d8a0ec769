-- Gives the traits to a role of their own: enrollment's usual role then cannot read them, whatever it is made to ask.
-- Run by an administrator of the database, after the migrations, and again after those that add tables to the schema
-- (repeating it changes nothing else), with both roles' names:
--   psql --set service=enrollment --set vault=enrollment_vault --file vault_role.sql "$ADMIN_URL"
-- then set ENROLLMENT_VAULT_DATABASE_URL to the address with the vault's role. A later migration that changes these
-- tables needs a role that is a member of both.
GRANT USAGE, CREATE ON SCHEMA vault TO :"vault";
ALTER TABLE vault.traits OWNER TO :"vault";
ALTER TABLE vault.keys OWNER TO :"vault";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA vault TO :"vault";
REVOKE ALL ON vault.traits, vault.keys FROM :"service";
GRANT USAGE ON SCHEMA public TO :"vault";
GRANT SELECT ON public.sources TO :"vault";
GRANT SELECT, UPDATE, DELETE ON public.facts, public.set_aside, public.snapshot_facets, public.snapshot_told,
    public.import_facts TO :"vault";
GRANT SELECT ON public.imports TO :"vault";
GRANT SELECT, INSERT, UPDATE, DELETE ON public.dead_letters TO :"vault";
GRANT INSERT ON public.outbox TO :"vault";
