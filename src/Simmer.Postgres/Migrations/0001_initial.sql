-- breaking: yes
-- Times are ticks of 100 ns since 1970 (UTC). States are those of JobState; 9 is a ready suspect, kept out of the index that every claim walks.
CREATE TABLE simmer.queue(
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL UNIQUE,
  paused boolean NOT NULL DEFAULT false
);

CREATE TABLE simmer.kind(
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL UNIQUE
);

-- Hot rows only: whatever ends moves on. Wide columns first, so that no padding is stored. A step is a job whose column step is set; its id is its
-- workflow's with its number in the last 24 bits, so that the steps of a workflow are a range of the ids. rank is the priority upside down (~priority),
-- so that one ascending index gives the best row first.
CREATE TABLE simmer.job(
  seq bigint GENERATED ALWAYS AS IDENTITY,
  id uuid NOT NULL,
  enqueued_at bigint NOT NULL,
  ready_at bigint,
  started_at bigint,
  due_at bigint,
  expires_at bigint,
  time_limit bigint,
  owner bigint,
  outcomes bigint,
  progress double precision,
  queue int NOT NULL,
  kind int NOT NULL,
  rank int NOT NULL,
  run int NOT NULL DEFAULT 0,
  forgiven int NOT NULL DEFAULT 0,
  max_attempts int NOT NULL,
  version int NOT NULL DEFAULT 1,
  errors int NOT NULL DEFAULT 0,
  pending int,
  state smallint NOT NULL,
  held_while smallint NOT NULL DEFAULT 0,
  suspect boolean NOT NULL DEFAULT false,
  cancel_requested boolean NOT NULL DEFAULT false,
  stuck boolean NOT NULL DEFAULT false,
  unique_key text,
  progress_text text,
  reason text,
  tags text,
  trace_parent text,
  trace_state text,
  step bytea,
  payload bytea NOT NULL,
  PRIMARY KEY(id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_insert_scale_factor = 0,
        autovacuum_vacuum_insert_threshold = 1000000, autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 50000, autovacuum_vacuum_cost_delay = 0);

CREATE INDEX job_ready   ON simmer.job(queue, rank, seq) WHERE state = 3;
CREATE INDEX job_suspect ON simmer.job(queue, rank, seq) WHERE state = 9;
CREATE INDEX job_due     ON simmer.job(due_at) WHERE state = 2;
CREATE INDEX job_expires ON simmer.job(expires_at) WHERE expires_at IS NOT NULL;
CREATE UNIQUE INDEX job_unique ON simmer.job(kind, unique_key) WHERE unique_key IS NOT NULL;

-- What has ended, by the day on which it may go: dropping a day's partition prunes it. Days are made ahead; the default takes what is beyond them.
CREATE TABLE simmer.history(
  id uuid NOT NULL,
  enqueued_at bigint NOT NULL,
  started_at bigint,
  finished_at bigint NOT NULL,
  keep_until bigint NOT NULL,
  expires_at bigint,
  time_limit bigint,
  outcomes bigint,
  progress double precision,
  queue int NOT NULL,
  kind int NOT NULL,
  rank int NOT NULL,
  run int NOT NULL,
  forgiven int NOT NULL,
  max_attempts int NOT NULL,
  version int NOT NULL,
  errors int NOT NULL,
  pending int,
  first_added int,
  added int,
  state smallint NOT NULL,
  held_while smallint NOT NULL,
  unique_key text,
  progress_text text,
  reason text,
  branch text,
  tags text,
  trace_parent text,
  trace_state text,
  step bytea,
  payload bytea NOT NULL,
  result bytea,
  PRIMARY KEY(id, keep_until)
) PARTITION BY RANGE (keep_until);

-- Steps stay until their workflow goes: they carry the last time there is, and have a partition of their own.
CREATE TABLE simmer.history_kept PARTITION OF simmer.history FOR VALUES FROM (2534023007999999999) TO (MAXVALUE)
  WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
CREATE TABLE simmer.history_later PARTITION OF simmer.history DEFAULT
  WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX history_later_keep ON simmer.history_later(keep_until);

CREATE TABLE simmer.error(
  job uuid NOT NULL,
  at bigint NOT NULL,
  n int NOT NULL,
  run int NOT NULL,
  attempt int NOT NULL,
  type text NOT NULL,
  message text NOT NULL,
  detail text,
  PRIMARY KEY(job, n)
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);

CREATE TABLE simmer.worker(
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  beat_at bigint NOT NULL,
  beats bigint NOT NULL DEFAULT 0,
  name text NOT NULL,
  queues text,
  capabilities text,
  idle text
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- A row a flush, never an updated counter: the primary key answers whether a flush whose answer was lost had been committed, and which of its operations another transaction kept it from (by their places).
CREATE TABLE simmer.flush(
  worker bigint NOT NULL,
  seq bigint NOT NULL,
  at bigint NOT NULL,
  left_out int[],
  PRIMARY KEY(worker, seq)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_cost_delay = 0);

CREATE TABLE simmer.signal(
  owner bigint NOT NULL,
  job uuid NOT NULL,
  run int NOT NULL,
  PRIMARY KEY(owner, job, run)
);

CREATE TABLE simmer.hold(
  name text PRIMARY KEY,
  worker bigint NOT NULL,
  until bigint NOT NULL
);

-- Its own tally is that of its end: only steps that nobody waits for touch it.
CREATE TABLE simmer.workflow(
  id uuid PRIMARY KEY,
  outcomes bigint NOT NULL DEFAULT 0,
  created_at bigint NOT NULL,
  finished_at bigint,
  keep_until bigint,
  keep_succeeded bigint NOT NULL,
  keep_failed bigint NOT NULL,
  steps int NOT NULL,
  pending int NOT NULL,
  version int NOT NULL DEFAULT 1,
  state smallint NOT NULL,
  cancel_requested boolean NOT NULL DEFAULT false,
  name text,
  reason text
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);

CREATE INDEX workflow_keep ON simmer.workflow(keep_until) WHERE keep_until IS NOT NULL;

CREATE TABLE simmer.gate(
  workflow uuid NOT NULL,
  outcomes bigint NOT NULL DEFAULT 0,
  n int NOT NULL,
  pending int NOT NULL,
  next bytea NOT NULL,
  PRIMARY KEY(workflow, n)
);

-- Which database this is, whichever way a connection came to it.
CREATE TABLE simmer.identity(
  id uuid NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO simmer.identity DEFAULT VALUES;

-- For people: what is stored, with times and payloads that can be read.
CREATE VIEW simmer.jobs AS
  SELECT j.id, q.name AS queue, k.name AS kind,
    (ARRAY['waiting', 'scheduled', 'ready', 'running', 'succeeded', 'failed', 'cancelled', 'skipped', 'ready'])[j.state] AS state,
    ~j.rank AS priority, j.run, j.run - j.forgiven AS attempt, j.max_attempts,
    to_timestamp(j.enqueued_at / 1e7) AS enqueued_at, to_timestamp(j.started_at / 1e7) AS started_at, to_timestamp(j.due_at / 1e7) AS due_at, NULL::timestamptz AS finished_at,
    w.name AS worker, j.progress, j.progress_text, j.reason, convert_from(j.payload, 'UTF8') AS payload, NULL::text AS result
  FROM simmer.job j JOIN simmer.queue q ON q.id = j.queue JOIN simmer.kind k ON k.id = j.kind LEFT JOIN simmer.worker w ON w.id = j.owner
  UNION ALL
  SELECT j.id, q.name, k.name, (ARRAY['waiting', 'scheduled', 'ready', 'running', 'succeeded', 'failed', 'cancelled', 'skipped'])[j.state],
    ~j.rank, j.run, j.run - j.forgiven, j.max_attempts,
    to_timestamp(j.enqueued_at / 1e7), to_timestamp(j.started_at / 1e7), NULL, to_timestamp(j.finished_at / 1e7),
    NULL, j.progress, j.progress_text, j.reason, convert_from(j.payload, 'UTF8'), convert_from(j.result, 'UTF8')
  FROM simmer.history j JOIN simmer.queue q ON q.id = j.queue JOIN simmer.kind k ON k.id = j.kind;
