-- breaking: yes
-- Times are ticks of 100 ns since 1970 (UTC). States are those of JobState; 9 is a ready suspect, kept out of the index that every claim walks.
CREATE TABLE simmer_queue(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  paused INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE simmer_kind(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE
);

-- A new row's number is above those of all rows there are, which is all that order needs: AUTOINCREMENT would keep a counter of its own, for an eighth of an insert.
CREATE TABLE simmer_job(
  seq INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE,
  queue INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  state INTEGER NOT NULL,
  priority INTEGER NOT NULL,
  run INTEGER NOT NULL,
  forgiven INTEGER NOT NULL,
  max_attempts INTEGER NOT NULL,
  owner INTEGER,
  version INTEGER NOT NULL DEFAULT 1,
  suspect INTEGER NOT NULL DEFAULT 0,
  cancel_requested INTEGER NOT NULL DEFAULT 0,
  stuck INTEGER NOT NULL DEFAULT 0,
  errors INTEGER NOT NULL DEFAULT 0,
  enqueued_at INTEGER NOT NULL,
  ready_at INTEGER,
  started_at INTEGER,
  due_at INTEGER,
  expires_at INTEGER,
  time_limit INTEGER,
  unique_key TEXT,
  held_while INTEGER NOT NULL DEFAULT 0,
  progress REAL,
  progress_text TEXT,
  reason TEXT,
  tags TEXT,
  trace_parent TEXT,
  trace_state TEXT,
  payload BLOB NOT NULL
);

CREATE INDEX simmer_job_ready   ON simmer_job(queue, priority DESC) WHERE state = 3;
CREATE INDEX simmer_job_suspect ON simmer_job(queue, priority DESC) WHERE state = 9;
CREATE INDEX simmer_job_due     ON simmer_job(due_at) WHERE state = 2;
CREATE INDEX simmer_job_expires ON simmer_job(expires_at) WHERE expires_at IS NOT NULL;
CREATE UNIQUE INDEX simmer_job_unique ON simmer_job(kind, unique_key) WHERE unique_key IS NOT NULL;

CREATE TABLE simmer_history(
  id BLOB PRIMARY KEY,
  queue INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  state INTEGER NOT NULL,
  priority INTEGER NOT NULL,
  run INTEGER NOT NULL,
  forgiven INTEGER NOT NULL,
  max_attempts INTEGER NOT NULL,
  version INTEGER NOT NULL,
  errors INTEGER NOT NULL,
  enqueued_at INTEGER NOT NULL,
  started_at INTEGER,
  finished_at INTEGER NOT NULL,
  keep_until INTEGER NOT NULL,
  expires_at INTEGER,
  time_limit INTEGER,
  unique_key TEXT,
  held_while INTEGER NOT NULL,
  progress REAL,
  progress_text TEXT,
  reason TEXT,
  tags TEXT,
  trace_parent TEXT,
  trace_state TEXT,
  payload BLOB NOT NULL,
  result BLOB
) WITHOUT ROWID;

-- Queue and state ride along so that counting never reads the rows themselves.
CREATE INDEX simmer_history_keep ON simmer_history(keep_until, queue, state);

CREATE TABLE simmer_error(
  job BLOB NOT NULL,
  n INTEGER NOT NULL,
  run INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  at INTEGER NOT NULL,
  type TEXT NOT NULL,
  message TEXT NOT NULL,
  detail TEXT,
  PRIMARY KEY(job, n)
) WITHOUT ROWID;

CREATE TABLE simmer_worker(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  queues TEXT,
  capabilities TEXT,
  beat_at INTEGER NOT NULL,
  beats INTEGER NOT NULL DEFAULT 0,
  idle TEXT
);

-- A row a flush, never an updated counter: the primary key answers whether a flush whose answer was lost had been committed.
CREATE TABLE simmer_flush(
  worker INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY(worker, seq)
) WITHOUT ROWID;

CREATE TABLE simmer_signal(
  owner INTEGER NOT NULL,
  job BLOB NOT NULL,
  run INTEGER NOT NULL,
  PRIMARY KEY(owner, job, run)
) WITHOUT ROWID;

CREATE TABLE simmer_hold(
  name TEXT PRIMARY KEY,
  worker INTEGER NOT NULL,
  until INTEGER NOT NULL
) WITHOUT ROWID;
