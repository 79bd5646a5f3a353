-- breaking: no
-- Which worker does an upkeep, and until when, under the name that the code has for it. A new table beside the old one: SQLite refuses an
-- upsert into a view, so a version before this one could not go on under the old name if the table were renamed. For as long as both
-- versions run, each does its upkeep by its own table, which costs a second look and does no harm: all that these leases spare is work
-- that would be done twice. A later migration that is breaking anyway drops the old table.
CREATE TABLE simmer_upkeep_lease(
  name TEXT PRIMARY KEY,
  worker INTEGER NOT NULL,
  until INTEGER NOT NULL
) WITHOUT ROWID;
