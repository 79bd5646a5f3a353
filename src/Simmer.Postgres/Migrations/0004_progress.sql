-- breaking: no
-- What running jobs report, beside their rows: a transaction with a snapshot (repeatable read and above) could not end a job whose row
-- was written to since. It counts for that run only, and its end moves it into the job's row. A version before this one goes on writing to
-- the job's row.
CREATE TABLE simmer.progress(
  job uuid PRIMARY KEY,
  progress double precision,
  run int NOT NULL,
  notes int NOT NULL,
  stuck boolean NOT NULL,
  progress_text text
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);

-- Whoever may use the other tables may use this one.
DO $$
DECLARE
  given record;
BEGIN
  FOR given IN SELECT a.privilege_type, a.grantee FROM pg_class c, aclexplode(c.relacl) a WHERE c.oid = 'simmer.signal'::regclass AND a.grantee <> c.relowner LOOP
    EXECUTE format('GRANT %s ON %s TO %s', given.privilege_type, 'simmer.progress'::regclass, CASE given.grantee WHEN 0 THEN 'PUBLIC' ELSE given.grantee::regrole::text END);
  END LOOP;
END $$;

CREATE OR REPLACE VIEW simmer.jobs AS
  SELECT j.id, q.name AS queue, k.name AS kind,
    (ARRAY['waiting', 'scheduled', 'ready', 'running', 'succeeded', 'failed', 'cancelled', 'skipped', 'ready'])[j.state] AS state,
    ~j.rank AS priority, j.run, j.run - j.forgiven AS attempt, j.max_attempts,
    to_timestamp(j.enqueued_at / 1e7) AS enqueued_at, to_timestamp(j.started_at / 1e7) AS started_at, to_timestamp(j.due_at / 1e7) AS due_at, NULL::timestamptz AS finished_at,
    w.name AS worker, coalesce(p.progress, j.progress) AS progress, coalesce(p.progress_text, j.progress_text) AS progress_text, j.reason, simmer.readable(j.payload, 'UTF8') AS payload, NULL::text AS result,
    j.tags, j.unique_key,
    (SELECT string_agg('run ' || e.run || ': ' || e.type || ': ' || e.message, E'\n' ORDER BY e.n) FROM simmer.error e WHERE e.job = j.id AND j.errors > 0) AS errors,
    CASE WHEN j.step IS NOT NULL THEN (left(j.id::text, 30) || '000000')::uuid END AS workflow, simmer.step_name(j.step) AS step,
    to_timestamp(j.expires_at / 1e7) AS expires_at, j.time_limit / 1e7 * interval '1 second' AS time_limit, j.trace_parent
  FROM simmer.job j JOIN simmer.queue q ON q.id = j.queue JOIN simmer.kind k ON k.id = j.kind LEFT JOIN simmer.worker w ON w.id = j.owner
    LEFT JOIN simmer.progress p ON p.job = j.id AND p.run = j.run
  UNION ALL
  SELECT j.id, q.name, k.name, (ARRAY['waiting', 'scheduled', 'ready', 'running', 'succeeded', 'failed', 'cancelled', 'skipped'])[j.state],
    ~j.rank, j.run, j.run - j.forgiven, j.max_attempts,
    to_timestamp(j.enqueued_at / 1e7), to_timestamp(j.started_at / 1e7), NULL, to_timestamp(j.finished_at / 1e7),
    NULL, j.progress, j.progress_text, j.reason, simmer.readable(j.payload, 'UTF8'), simmer.readable(j.result, 'UTF8'),
    j.tags, j.unique_key,
    (SELECT string_agg('run ' || e.run || ': ' || e.type || ': ' || e.message, E'\n' ORDER BY e.n) FROM simmer.error e WHERE e.job = j.id AND j.errors > 0),
    CASE WHEN j.step IS NOT NULL THEN (left(j.id::text, 30) || '000000')::uuid END, simmer.step_name(j.step),
    to_timestamp(j.expires_at / 1e7), j.time_limit / 1e7 * interval '1 second', j.trace_parent
  FROM simmer.history j JOIN simmer.queue q ON q.id = j.queue JOIN simmer.kind k ON k.id = j.kind;
