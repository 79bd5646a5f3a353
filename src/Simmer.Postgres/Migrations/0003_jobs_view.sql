-- breaking: no
-- For people: the view of what is stored shows tags, keys, errors, workflows and steps as well. What cannot be read is shown in hexadecimal, so that one damaged row does not hide all others.
-- Its parameters are those of convert_from, whose place it takes: a column of a view keeps its collation, which comes from them.
CREATE FUNCTION simmer.readable(bytes bytea, encoding name) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
  RETURN convert_from(bytes, encoding);
EXCEPTION WHEN OTHERS THEN
  RETURN bytes::text;
END $$;

-- A number of a step's fixed part (a zigzag varint, least significant part first), and where the next one begins.
CREATE FUNCTION simmer.step_number(step bytea, at int, OUT value bigint, OUT next int) LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
  part int;
  shift int := 0;
BEGIN
  value := 0;
  next := at;
  LOOP
    part := get_byte(step, next);
    value := value | ((part & 127)::bigint << shift);
    next := next + 1;
    shift := shift + 7;
    EXIT WHEN part < 128;
  END LOOP;
  value := ((value >> 1) & 9223372036854775807) # -(value & 1);
END $$;

-- The name in a step's fixed part: it stands after the rule, a list of texts and three numbers.
CREATE FUNCTION simmer.step_name(step bytea) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
  at int := 1;
  texts bigint;
  length bigint;
BEGIN
  SELECT n.value, n.next INTO texts, at FROM simmer.step_number(step, at) n;
  WHILE texts > 0 LOOP
    SELECT n.value, n.next INTO length, at FROM simmer.step_number(step, at) n;
    at := at + length;
    texts := texts - 1;
  END LOOP;
  SELECT n.next INTO at FROM simmer.step_number(step, at) n;
  SELECT n.next INTO at FROM simmer.step_number(step, at) n;
  SELECT n.next INTO at FROM simmer.step_number(step, at) n;
  SELECT n.value, n.next INTO length, at FROM simmer.step_number(step, at) n;
  RETURN convert_from(substring(step FROM at + 1 FOR length::int), 'UTF8');
EXCEPTION WHEN OTHERS THEN
  RETURN NULL;
END $$;

-- The columns that there were stay in their places: a view can only be added to.
CREATE OR REPLACE VIEW simmer.jobs AS
  SELECT j.id, q.name AS queue, k.name AS kind,
    (ARRAY['waiting', 'scheduled', 'ready', 'running', 'succeeded', 'failed', 'cancelled', 'skipped', 'ready'])[j.state] AS state,
    ~j.rank AS priority, j.run, j.run - j.forgiven AS attempt, j.max_attempts,
    to_timestamp(j.enqueued_at / 1e7) AS enqueued_at, to_timestamp(j.started_at / 1e7) AS started_at, to_timestamp(j.due_at / 1e7) AS due_at, NULL::timestamptz AS finished_at,
    w.name AS worker, j.progress, j.progress_text, j.reason, simmer.readable(j.payload, 'UTF8') AS payload, NULL::text AS result,
    j.tags, j.unique_key,
    (SELECT string_agg('run ' || e.run || ': ' || e.type || ': ' || e.message, E'\n' ORDER BY e.n) FROM simmer.error e WHERE e.job = j.id AND j.errors > 0) AS errors,
    CASE WHEN j.step IS NOT NULL THEN (left(j.id::text, 30) || '000000')::uuid END AS workflow, simmer.step_name(j.step) AS step,
    to_timestamp(j.expires_at / 1e7) AS expires_at, j.time_limit / 1e7 * interval '1 second' AS time_limit, j.trace_parent
  FROM simmer.job j JOIN simmer.queue q ON q.id = j.queue JOIN simmer.kind k ON k.id = j.kind LEFT JOIN simmer.worker w ON w.id = j.owner
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
