-- breaking: no
-- Which worker does an upkeep, and until when. The table has the name that the code has for it. A version before this one goes on under
-- the old name, by a view that can be written to: both versions take the same leases. A later migration that is breaking anyway drops the view.
ALTER TABLE simmer.hold RENAME TO upkeep_lease;
ALTER INDEX IF EXISTS simmer.hold_pkey RENAME TO upkeep_lease_pkey;

CREATE VIEW simmer.hold AS SELECT name, worker, until FROM simmer.upkeep_lease;

-- Whoever may use the table may use the view.
DO $$
DECLARE
  given record;
BEGIN
  FOR given IN SELECT a.privilege_type, a.grantee FROM pg_class c, aclexplode(c.relacl) a WHERE c.oid = 'simmer.upkeep_lease'::regclass AND a.grantee <> c.relowner LOOP
    EXECUTE format('GRANT %s ON %s TO %s', given.privilege_type, 'simmer.hold'::regclass, CASE given.grantee WHEN 0 THEN 'PUBLIC' ELSE given.grantee::regrole::text END);
  END LOOP;
END $$;
