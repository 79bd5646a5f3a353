-- breaking: yes
-- A step is a job whose column step is set: its place in the graph, written once. How its parents stand (pending; failed, broken and skipped packed into outcomes) is beside it.
-- The id of a step is its workflow's with its number in the last 24 bits, so that the steps of a workflow are a range of the ids in both tables.
-- Breaking, because a binary that does not know it would end steps and release nobody.
ALTER TABLE simmer_job ADD COLUMN step BLOB;
ALTER TABLE simmer_job ADD COLUMN pending INTEGER;
ALTER TABLE simmer_job ADD COLUMN outcomes INTEGER;

ALTER TABLE simmer_history ADD COLUMN step BLOB;
ALTER TABLE simmer_history ADD COLUMN pending INTEGER;
ALTER TABLE simmer_history ADD COLUMN outcomes INTEGER;
ALTER TABLE simmer_history ADD COLUMN branch TEXT;
ALTER TABLE simmer_history ADD COLUMN first_added INTEGER;
ALTER TABLE simmer_history ADD COLUMN added INTEGER;

-- Its own tally is that of its end: only steps that nobody waits for touch this row.
CREATE TABLE simmer_workflow(
  id BLOB PRIMARY KEY,
  name TEXT,
  state INTEGER NOT NULL,
  steps INTEGER NOT NULL,
  pending INTEGER NOT NULL,
  outcomes INTEGER NOT NULL DEFAULT 0,
  version INTEGER NOT NULL DEFAULT 1,
  cancel_requested INTEGER NOT NULL DEFAULT 0,
  reason TEXT,
  created_at INTEGER NOT NULL,
  finished_at INTEGER,
  keep_until INTEGER,
  keep_succeeded INTEGER NOT NULL,
  keep_failed INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX simmer_workflow_keep ON simmer_workflow(keep_until) WHERE keep_until IS NOT NULL;

CREATE TABLE simmer_gate(
  workflow BLOB NOT NULL,
  n INTEGER NOT NULL,
  pending INTEGER NOT NULL,
  outcomes INTEGER NOT NULL DEFAULT 0,
  next BLOB NOT NULL,
  PRIMARY KEY(workflow, n)
) WITHOUT ROWID;
