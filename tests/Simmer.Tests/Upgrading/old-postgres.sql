CREATE TABLE simmer_of_9e51af5.error (
    job uuid NOT NULL,
    at bigint NOT NULL,
    n integer NOT NULL,
    run integer NOT NULL,
    attempt integer NOT NULL,
    type text NOT NULL,
    message text NOT NULL,
    detail text
)
WITH (autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_cost_delay='0');

CREATE TABLE simmer_of_9e51af5.flush (
    worker bigint NOT NULL,
    seq bigint NOT NULL,
    at bigint NOT NULL,
    left_out integer[]
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='20000', autovacuum_vacuum_cost_delay='0');

CREATE TABLE simmer_of_9e51af5.gate (
    workflow uuid NOT NULL,
    outcomes bigint DEFAULT 0 NOT NULL,
    n integer NOT NULL,
    pending integer NOT NULL,
    next bytea NOT NULL
);

CREATE TABLE simmer_of_9e51af5.history (
    id uuid NOT NULL,
    enqueued_at bigint NOT NULL,
    started_at bigint,
    finished_at bigint NOT NULL,
    keep_until bigint NOT NULL,
    expires_at bigint,
    time_limit bigint,
    outcomes bigint,
    progress double precision,
    queue integer NOT NULL,
    kind integer NOT NULL,
    rank integer NOT NULL,
    run integer NOT NULL,
    forgiven integer NOT NULL,
    max_attempts integer NOT NULL,
    version integer NOT NULL,
    errors integer NOT NULL,
    pending integer,
    first_added integer,
    added integer,
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
    result bytea
)
PARTITION BY RANGE (keep_until);

CREATE TABLE simmer_of_9e51af5.history_20261128 (
    id uuid NOT NULL,
    enqueued_at bigint NOT NULL,
    started_at bigint,
    finished_at bigint NOT NULL,
    keep_until bigint NOT NULL,
    expires_at bigint,
    time_limit bigint,
    outcomes bigint,
    progress double precision,
    queue integer NOT NULL,
    kind integer NOT NULL,
    rank integer NOT NULL,
    run integer NOT NULL,
    forgiven integer NOT NULL,
    max_attempts integer NOT NULL,
    version integer NOT NULL,
    errors integer NOT NULL,
    pending integer,
    first_added integer,
    added integer,
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
    result bytea
);

CREATE TABLE simmer_of_9e51af5.history_20261129 (
    id uuid NOT NULL,
    enqueued_at bigint NOT NULL,
    started_at bigint,
    finished_at bigint NOT NULL,
    keep_until bigint NOT NULL,
    expires_at bigint,
    time_limit bigint,
    outcomes bigint,
    progress double precision,
    queue integer NOT NULL,
    kind integer NOT NULL,
    rank integer NOT NULL,
    run integer NOT NULL,
    forgiven integer NOT NULL,
    max_attempts integer NOT NULL,
    version integer NOT NULL,
    errors integer NOT NULL,
    pending integer,
    first_added integer,
    added integer,
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
    result bytea
);

CREATE TABLE simmer_of_9e51af5.history_kept (
    id uuid NOT NULL,
    enqueued_at bigint NOT NULL,
    started_at bigint,
    finished_at bigint NOT NULL,
    keep_until bigint NOT NULL,
    expires_at bigint,
    time_limit bigint,
    outcomes bigint,
    progress double precision,
    queue integer NOT NULL,
    kind integer NOT NULL,
    rank integer NOT NULL,
    run integer NOT NULL,
    forgiven integer NOT NULL,
    max_attempts integer NOT NULL,
    version integer NOT NULL,
    errors integer NOT NULL,
    pending integer,
    first_added integer,
    added integer,
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
    result bytea
)
WITH (autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_cost_delay='0');

CREATE TABLE simmer_of_9e51af5.history_later (
    id uuid NOT NULL,
    enqueued_at bigint NOT NULL,
    started_at bigint,
    finished_at bigint NOT NULL,
    keep_until bigint NOT NULL,
    expires_at bigint,
    time_limit bigint,
    outcomes bigint,
    progress double precision,
    queue integer NOT NULL,
    kind integer NOT NULL,
    rank integer NOT NULL,
    run integer NOT NULL,
    forgiven integer NOT NULL,
    max_attempts integer NOT NULL,
    version integer NOT NULL,
    errors integer NOT NULL,
    pending integer,
    first_added integer,
    added integer,
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
    result bytea
)
WITH (autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_cost_delay='0');

CREATE TABLE simmer_of_9e51af5.hold (
    name text NOT NULL,
    worker bigint NOT NULL,
    until bigint NOT NULL
);

CREATE TABLE simmer_of_9e51af5.identity (
    id uuid DEFAULT gen_random_uuid() NOT NULL
);

CREATE TABLE simmer_of_9e51af5.job (
    seq bigint NOT NULL,
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
    queue integer NOT NULL,
    kind integer NOT NULL,
    rank integer NOT NULL,
    run integer DEFAULT 0 NOT NULL,
    forgiven integer DEFAULT 0 NOT NULL,
    max_attempts integer NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    errors integer DEFAULT 0 NOT NULL,
    pending integer,
    state smallint NOT NULL,
    held_while smallint DEFAULT 0 NOT NULL,
    suspect boolean DEFAULT false NOT NULL,
    cancel_requested boolean DEFAULT false NOT NULL,
    stuck boolean DEFAULT false NOT NULL,
    unique_key text,
    progress_text text,
    reason text,
    tags text,
    trace_parent text,
    trace_state text,
    step bytea,
    payload bytea NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='20000', autovacuum_vacuum_insert_scale_factor='0', autovacuum_vacuum_insert_threshold='1000000', autovacuum_analyze_scale_factor='0', autovacuum_analyze_threshold='50000', autovacuum_vacuum_cost_delay='0');

ALTER TABLE simmer_of_9e51af5.job ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME simmer_of_9e51af5.job_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE simmer_of_9e51af5.kind (
    id integer NOT NULL,
    name text NOT NULL
);

CREATE TABLE simmer_of_9e51af5.queue (
    id integer NOT NULL,
    name text NOT NULL,
    paused boolean DEFAULT false NOT NULL
);

CREATE TABLE simmer_of_9e51af5.worker (
    id bigint NOT NULL,
    beat_at bigint NOT NULL,
    beats bigint DEFAULT 0 NOT NULL,
    name text NOT NULL,
    queues text,
    capabilities text,
    idle text
)
WITH (fillfactor='50', autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='1000');

CREATE VIEW simmer_of_9e51af5.jobs AS
 SELECT j.id,
    q.name AS queue,
    k.name AS kind,
    (ARRAY['waiting'::text, 'scheduled'::text, 'ready'::text, 'running'::text, 'succeeded'::text, 'failed'::text, 'cancelled'::text, 'skipped'::text, 'ready'::text])[j.state] AS state,
    (~ j.rank) AS priority,
    j.run,
    (j.run - j.forgiven) AS attempt,
    j.max_attempts,
    to_timestamp((((j.enqueued_at)::numeric / '10000000'::numeric))::double precision) AS enqueued_at,
    to_timestamp((((j.started_at)::numeric / '10000000'::numeric))::double precision) AS started_at,
    to_timestamp((((j.due_at)::numeric / '10000000'::numeric))::double precision) AS due_at,
    NULL::timestamp with time zone AS finished_at,
    w.name AS worker,
    j.progress,
    j.progress_text,
    j.reason,
    convert_from(j.payload, 'UTF8'::name) AS payload,
    NULL::text AS result
   FROM (((simmer_of_9e51af5.job j
     JOIN simmer_of_9e51af5.queue q ON ((q.id = j.queue)))
     JOIN simmer_of_9e51af5.kind k ON ((k.id = j.kind)))
     LEFT JOIN simmer_of_9e51af5.worker w ON ((w.id = j.owner)))
UNION ALL
 SELECT j.id,
    q.name AS queue,
    k.name AS kind,
    (ARRAY['waiting'::text, 'scheduled'::text, 'ready'::text, 'running'::text, 'succeeded'::text, 'failed'::text, 'cancelled'::text, 'skipped'::text])[j.state] AS state,
    (~ j.rank) AS priority,
    j.run,
    (j.run - j.forgiven) AS attempt,
    j.max_attempts,
    to_timestamp((((j.enqueued_at)::numeric / '10000000'::numeric))::double precision) AS enqueued_at,
    to_timestamp((((j.started_at)::numeric / '10000000'::numeric))::double precision) AS started_at,
    NULL::timestamp with time zone AS due_at,
    to_timestamp((((j.finished_at)::numeric / '10000000'::numeric))::double precision) AS finished_at,
    NULL::text AS worker,
    j.progress,
    j.progress_text,
    j.reason,
    convert_from(j.payload, 'UTF8'::name) AS payload,
    convert_from(j.result, 'UTF8'::name) AS result
   FROM ((simmer_of_9e51af5.history j
     JOIN simmer_of_9e51af5.queue q ON ((q.id = j.queue)))
     JOIN simmer_of_9e51af5.kind k ON ((k.id = j.kind)));

ALTER TABLE simmer_of_9e51af5.kind ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME simmer_of_9e51af5.kind_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE simmer_of_9e51af5.queue ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME simmer_of_9e51af5.queue_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE simmer_of_9e51af5.schema (
    version bigint NOT NULL,
    breaking boolean NOT NULL,
    name text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE simmer_of_9e51af5.signal (
    owner bigint NOT NULL,
    job uuid NOT NULL,
    run integer NOT NULL
);

ALTER TABLE simmer_of_9e51af5.worker ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME simmer_of_9e51af5.worker_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE simmer_of_9e51af5.workflow (
    id uuid NOT NULL,
    outcomes bigint DEFAULT 0 NOT NULL,
    created_at bigint NOT NULL,
    finished_at bigint,
    keep_until bigint,
    keep_succeeded bigint NOT NULL,
    keep_failed bigint NOT NULL,
    steps integer NOT NULL,
    pending integer NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    state smallint NOT NULL,
    cancel_requested boolean DEFAULT false NOT NULL,
    name text,
    reason text
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='5000', autovacuum_vacuum_cost_delay='0');

ALTER TABLE ONLY simmer_of_9e51af5.history ATTACH PARTITION simmer_of_9e51af5.history_20261128 FOR VALUES FROM ('17958240000000000') TO ('17959104000000000');

ALTER TABLE ONLY simmer_of_9e51af5.history ATTACH PARTITION simmer_of_9e51af5.history_20261129 FOR VALUES FROM ('17959104000000000') TO ('17959968000000000');

ALTER TABLE ONLY simmer_of_9e51af5.history ATTACH PARTITION simmer_of_9e51af5.history_kept FOR VALUES FROM ('2534023007999999999') TO (MAXVALUE);

ALTER TABLE ONLY simmer_of_9e51af5.history ATTACH PARTITION simmer_of_9e51af5.history_later DEFAULT;

INSERT INTO simmer_of_9e51af5.error VALUES ('01970c9e-8a5c-7f3e-9c1b-00000000000c', 17699686017765327, 1, 1, 1, 'System.InvalidOperationException', 'no ink', 'System.InvalidOperationException: no ink
   at Simmer.Tests.Upgrading.OldJobs.<AddTo>b__14_7(OldTrouble job, CancellationToken _) in /app/tests/Simmer.Tests/Upgrading/OldJobs.cs:line 42
   at Simmer.SimmerBuilder.<>c__DisplayClass14_0`1.<AddJob>b__0(IJob job, HandlerParameters parameters, CancellationToken cancellationToken) in /app/src/Simmer/Hosting/SimmerBuilder.Delegates.cs:line 20
   at Simmer.Jobs.DelegateHandlerFactory.<>c__DisplayClass4_0.<Build>b__0(IJob job, JobContext context, CancellationToken cancellationToken) in /app/src/Simmer/Jobs/HandlerFactory.cs:line 85
   at Simmer.Execution.JobExecutor.CallAsync(JobRun run, IJob job) in /app/src/Simmer/Execution/JobExecutor.cs:line 124');
INSERT INTO simmer_of_9e51af5.error VALUES ('01970c9e-8a5c-7f3e-9c1b-000000000005', 17699686024263657, 1, 1, 1, 'System.InvalidOperationException', 'not yet', 'System.InvalidOperationException: not yet
   at Simmer.Tests.Upgrading.OldJobs.<AddTo>b__14_7(OldTrouble job, CancellationToken _) in /app/tests/Simmer.Tests/Upgrading/OldJobs.cs:line 42
   at Simmer.SimmerBuilder.<>c__DisplayClass14_0`1.<AddJob>b__0(IJob job, HandlerParameters parameters, CancellationToken cancellationToken) in /app/src/Simmer/Hosting/SimmerBuilder.Delegates.cs:line 20
   at Simmer.Jobs.DelegateHandlerFactory.<>c__DisplayClass4_0.<Build>b__0(IJob job, JobContext context, CancellationToken cancellationToken) in /app/src/Simmer/Jobs/HandlerFactory.cs:line 85
   at Simmer.Execution.JobExecutor.CallAsync(JobRun run, IJob job) in /app/src/Simmer/Execution/JobExecutor.cs:line 124');

INSERT INTO simmer_of_9e51af5.flush VALUES (1, 1, 17699686013896542, NULL);
INSERT INTO simmer_of_9e51af5.flush VALUES (1, 2, 17699686016982474, NULL);
INSERT INTO simmer_of_9e51af5.flush VALUES (1, 3, 17699686017610761, NULL);
INSERT INTO simmer_of_9e51af5.flush VALUES (1, 4, 17699686018230037, NULL);
INSERT INTO simmer_of_9e51af5.flush VALUES (1, 5, 17699686019474090, NULL);
INSERT INTO simmer_of_9e51af5.flush VALUES (1, 6, 17699686020662066, NULL);
INSERT INTO simmer_of_9e51af5.flush VALUES (1, 7, 17699686021586802, NULL);
INSERT INTO simmer_of_9e51af5.flush VALUES (1, 8, 17699686022858007, NULL);
INSERT INTO simmer_of_9e51af5.flush VALUES (1, 9, 17699686022947972, NULL);
INSERT INTO simmer_of_9e51af5.flush VALUES (1, 10, 17699686023456417, NULL);
INSERT INTO simmer_of_9e51af5.flush VALUES (1, 11, 17699686023531555, NULL);
INSERT INTO simmer_of_9e51af5.flush VALUES (1, 12, 17699686024023030, NULL);
INSERT INTO simmer_of_9e51af5.flush VALUES (1, 13, 17699686024040201, NULL);
INSERT INTO simmer_of_9e51af5.flush VALUES (1, 14, 17699686024051441, NULL);
INSERT INTO simmer_of_9e51af5.flush VALUES (1, 15, 17699686024065078, NULL);
INSERT INTO simmer_of_9e51af5.flush VALUES (1, 16, 17699686024075683, NULL);
INSERT INTO simmer_of_9e51af5.flush VALUES (1, 17, 17699686024087269, NULL);
INSERT INTO simmer_of_9e51af5.flush VALUES (1, 18, 17699686024098983, NULL);
INSERT INTO simmer_of_9e51af5.flush VALUES (1, 19, 17699686024166741, NULL);
INSERT INTO simmer_of_9e51af5.flush VALUES (1, 20, 17699686024173951, NULL);
INSERT INTO simmer_of_9e51af5.flush VALUES (1, 21, 17699686024184202, NULL);
INSERT INTO simmer_of_9e51af5.flush VALUES (1, 22, 17699686024190809, NULL);
INSERT INTO simmer_of_9e51af5.flush VALUES (1, 23, 17699686024203311, NULL);
INSERT INTO simmer_of_9e51af5.flush VALUES (1, 24, 17699686024325698, NULL);
INSERT INTO simmer_of_9e51af5.flush VALUES (1, 25, 17699686024518389, NULL);
INSERT INTO simmer_of_9e51af5.flush VALUES (1, 26, 17699686024546578, NULL);
INSERT INTO simmer_of_9e51af5.flush VALUES (1, 27, 17699686024793948, NULL);
INSERT INTO simmer_of_9e51af5.flush VALUES (1, 28, 17699686024856788, NULL);
INSERT INTO simmer_of_9e51af5.flush VALUES (1, 29, 17699686024870131, NULL);
INSERT INTO simmer_of_9e51af5.flush VALUES (1, 30, 17699686025624202, NULL);

INSERT INTO simmer_of_9e51af5.gate VALUES ('a1a5277e-7486-8420-bd31-519ba1000000', 0, -1, 1, '\x02000002080402');

INSERT INTO simmer_of_9e51af5.history_kept VALUES ('535641fe-4222-84d4-aa84-b8e233000001', 17699686021586802, 17699686022867398, 17699686022947972, 2534023007999999999, NULL, NULL, 0, NULL, 2, 2, -1, 1, 0, 10, 4, 0, 0, NULL, NULL, 5, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '\x00000000000c7363616c657300020000020402', '\x7b226772616d73223a317d', '\x7b226772616d73223a312c226279223a7b2276616c7565223a2235333536343166652d343232322d383464342d616138342d623865323333303030303031227d7d');
INSERT INTO simmer_of_9e51af5.history_kept VALUES ('535641fe-4222-84d4-aa84-b8e233000002', 17699686021586802, 17699686023462725, 17699686023531555, 2534023007999999999, NULL, NULL, 0, NULL, 2, 1, -1, 1, 0, 10, 4, 0, 0, NULL, NULL, 5, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '\x00000000000c6c6574746572020202020000020002', '\x7b22746f223a22426f62222c2261626f7574223a7b2276616c7565223a2230313937306339652d386135632d376633652d396331622d303030303030303030303062227d2c22666c6f77223a7b2276616c7565223a2261316135323737652d373438362d383432302d626433312d353139626131303030303030227d7d', NULL);
INSERT INTO simmer_of_9e51af5.history_kept VALUES ('a1a5277e-7486-8420-bd31-519ba1000001', 17699686024793948, 17699686024868032, 17699686024870131, 2534023007999999999, NULL, NULL, 0, NULL, 2, 2, -1, 1, 0, 10, 4, 0, 0, NULL, NULL, 5, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '\x00000000000c7363616c6573000400000206020200020802', '\x7b226772616d73223a327d', '\x7b226772616d73223a322c226279223a7b2276616c7565223a2261316135323737652d373438362d383432302d626433312d353139626131303030303031227d7d');

INSERT INTO simmer_of_9e51af5.history_later VALUES ('01970c9e-8a5c-7f3e-9c1b-00000000000b', 17699686013896542, 17699686016434852, 17699686016982474, 49235686016982474, NULL, NULL, NULL, NULL, 2, 2, -1, 1, 0, 10, 2, 0, NULL, NULL, NULL, 5, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '\x7b226772616d73223a31322e357d', '\x7b226772616d73223a31322e352c226279223a7b2276616c7565223a2230313937306339652d386135632d376633652d396331622d303030303030303030303062227d7d');
INSERT INTO simmer_of_9e51af5.history_later VALUES ('01970c9e-8a5c-7f3e-9c1b-00000000000c', 17699686017610761, 17699686017754896, 17699686018230037, 49235686018230037, NULL, NULL, NULL, NULL, 2, 3, -1, 1, 0, 1, 2, 1, NULL, NULL, NULL, 6, 0, NULL, NULL, 'attempts exhausted: 1 of 1', NULL, NULL, NULL, NULL, NULL, '\x7b22776879223a226e6f20696e6b227d', NULL);
INSERT INTO simmer_of_9e51af5.history_later VALUES ('01970c9e-8a5c-7f3e-9c1b-00000000000d', 17699686019474090, NULL, 17699686019655944, 49235686019655944, NULL, NULL, NULL, NULL, 2, 1, -1, 0, 0, 10, 2, 0, NULL, NULL, NULL, 7, 0, NULL, NULL, 'changed my mind', NULL, NULL, NULL, NULL, NULL, '\x7b22746f223a22416461222c2261626f7574223a7b2276616c7565223a2230313937306339652d386135632d376633652d396331622d303030303030303030303062227d2c22666c6f77223a7b2276616c7565223a2261316135323737652d373438362d383432302d626433312d353139626131303030303030227d7d', NULL);

INSERT INTO simmer_of_9e51af5.hold VALUES ('prune', 1, 17958887813044780);
INSERT INTO simmer_of_9e51af5.hold VALUES ('rescue', 1, 17958886164265620);

INSERT INTO simmer_of_9e51af5.identity VALUES ('181f4d54-dc8a-4126-b87e-cf3c55496142');

INSERT INTO simmer_of_9e51af5.job OVERRIDING SYSTEM VALUE VALUES (6, '01970c9e-8a5c-7f3e-9c1b-000000000001', 17699686024023030, 17699686024023030, NULL, NULL, NULL, 4200000000, NULL, NULL, NULL, 3, 1, -4, 0, 0, 10, 1, 0, NULL, 3, 0, false, false, false, NULL, NULL, NULL, '["urgent","post"]', NULL, NULL, NULL, '\x7b22746f223a22416461222c2261626f7574223a7b2276616c7565223a2230313937306339652d386135632d376633652d396331622d303030303030303030303062227d2c22666c6f77223a7b2276616c7565223a2261316135323737652d373438362d383432302d626433312d353139626131303030303030227d7d');
INSERT INTO simmer_of_9e51af5.job OVERRIDING SYSTEM VALUE VALUES (8, '01970c9e-8a5c-7f3e-9c1b-000000000009', 17699686024075683, 17699686024075683, NULL, NULL, 17699722024068930, NULL, NULL, NULL, NULL, 3, 1, -1, 0, 0, 10, 1, 0, NULL, 3, 0, false, false, false, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '\x7b22746f223a22416461222c2261626f7574223a7b2276616c7565223a2230313937306339652d386135632d376633652d396331622d303030303030303030303062227d2c22666c6f77223a7b2276616c7565223a2261316135323737652d373438362d383432302d626433312d353139626131303030303030227d7d');
INSERT INTO simmer_of_9e51af5.job OVERRIDING SYSTEM VALUE VALUES (9, '01970c9e-8a5c-7f3e-9c1b-000000000006', 17699686024098983, 17699686024098983, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 3, 1, -1, 0, 0, 10, 1, 0, NULL, 3, 0, false, false, false, 'unfinished', NULL, NULL, NULL, NULL, NULL, NULL, '\x7b22746f223a22416461222c2261626f7574223a7b2276616c7565223a2230313937306339652d386135632d376633652d396331622d303030303030303030303062227d2c22666c6f77223a7b2276616c7565223a2261316135323737652d373438362d383432302d626433312d353139626131303030303030227d7d');
INSERT INTO simmer_of_9e51af5.job OVERRIDING SYSTEM VALUE VALUES (10, '01970c9e-8a5c-7f3e-9c1b-000000000007', 17699686024173951, 17699686024173951, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 3, 1, -1, 0, 0, 10, 1, 0, NULL, 3, 1, false, false, false, 'waiting', NULL, NULL, NULL, NULL, NULL, NULL, '\x7b22746f223a22416461222c2261626f7574223a7b2276616c7565223a2230313937306339652d386135632d376633652d396331622d303030303030303030303062227d2c22666c6f77223a7b2276616c7565223a2261316135323737652d373438362d383432302d626433312d353139626131303030303030227d7d');
INSERT INTO simmer_of_9e51af5.job OVERRIDING SYSTEM VALUE VALUES (11, '01970c9e-8a5c-7f3e-9c1b-000000000002', 17699686024190809, NULL, NULL, 17699722024190216, NULL, NULL, NULL, NULL, NULL, 2, 1, -1, 0, 0, 10, 1, 0, NULL, 2, 0, false, false, false, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '\x7b22746f223a22416461222c2261626f7574223a7b2276616c7565223a2230313937306339652d386135632d376633652d396331622d303030303030303030303062227d2c22666c6f77223a7b2276616c7565223a2261316135323737652d373438362d383432302d626433312d353139626131303030303030227d7d');
INSERT INTO simmer_of_9e51af5.job OVERRIDING SYSTEM VALUE VALUES (12, '01970c9e-8a5c-7f3e-9c1b-000000000005', 17699686024203311, NULL, 17699686024261952, 17699686043162221, NULL, NULL, NULL, NULL, NULL, 2, 3, -1, 1, 0, 50, 2, 1, NULL, 2, 0, false, false, false, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '\x7b22776879223a226e6f7420796574227d');
INSERT INTO simmer_of_9e51af5.job OVERRIDING SYSTEM VALUE VALUES (13, '01970c9e-8a5c-7f3e-9c1b-000000000003', 17699686024518389, NULL, 17699686024518389, NULL, NULL, NULL, 1, NULL, NULL, 2, 4, -1, 1, 0, 10, 1, 0, NULL, 4, 0, false, false, false, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '\x7b2277686174223a22616c6f6e65227d');
INSERT INTO simmer_of_9e51af5.job OVERRIDING SYSTEM VALUE VALUES (19, 'a1a5277e-7486-8420-bd31-519ba1000005', 17699686024793948, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, 2, 4, -1, 0, 0, 10, 1, 0, 2, 1, 0, false, false, false, NULL, NULL, NULL, NULL, NULL, NULL, '\x32000000000e66696e616c6c7902020602020000020002', '\x7b2277686174223a2266696e616c6c79227d');
INSERT INTO simmer_of_9e51af5.job OVERRIDING SYSTEM VALUE VALUES (16, 'a1a5277e-7486-8420-bd31-519ba1000002', 17699686024793948, 17699686024793948, 17699686024793948, NULL, NULL, NULL, 1, 0, NULL, 2, 4, -1, 1, 0, 10, 3, 0, 0, 4, 0, false, false, false, NULL, NULL, NULL, NULL, NULL, NULL, '\x00000000000868656c6400020000020602', '\x7b2277686174223a2268656c64227d');
INSERT INTO simmer_of_9e51af5.job OVERRIDING SYSTEM VALUE VALUES (17, 'a1a5277e-7486-8420-bd31-519ba1000003', 17699686024793948, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, 2, 1, -1, 0, 0, 10, 1, 0, 1, 1, 0, false, false, false, NULL, NULL, NULL, NULL, NULL, NULL, '\x0000000000086a6f696e02020402020000020102', '\x7b22746f223a22437964222c2261626f7574223a7b2276616c7565223a2230313937306339652d386135632d376633652d396331622d303030303030303030303062227d2c22666c6f77223a7b2276616c7565223a2261316135323737652d373438362d383432302d626433312d353139626131303030303030227d7d');
INSERT INTO simmer_of_9e51af5.job OVERRIDING SYSTEM VALUE VALUES (18, 'a1a5277e-7486-8420-bd31-519ba1000004', 17699686024793948, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, 1, 1, -1, 0, 0, 10, 1, 0, 1, 1, 0, false, false, false, NULL, NULL, NULL, NULL, NULL, NULL, '\x1000000000167363616c65732f756e646f020202020100020a02', '\x7b22746f223a22756e646f222c2261626f7574223a7b2276616c7565223a2230313937306339652d386135632d376633652d396331622d303030303030303030303062227d2c22666c6f77223a7b2276616c7565223a2261316135323737652d373438362d383432302d626433312d353139626131303030303030227d7d');
INSERT INTO simmer_of_9e51af5.job OVERRIDING SYSTEM VALUE VALUES (14, '01970c9e-8a5c-7f3e-9c1b-000000000008', 17699686024546578, NULL, 17699686024546578, NULL, NULL, NULL, 1, NULL, NULL, 2, 4, -1, 1, 0, 10, 2, 0, NULL, 4, 0, false, true, false, NULL, NULL, 'too slow', NULL, NULL, NULL, NULL, '\x7b2277686174223a2273747562626f726e227d');
INSERT INTO simmer_of_9e51af5.job OVERRIDING SYSTEM VALUE VALUES (7, '01970c9e-8a5c-7f3e-9c1b-000000000004', 17699686024051441, 17699686024051441, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 3, 1, -1, 1, 1, 10, 3, 0, NULL, 9, 0, true, false, false, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '\x7b22746f223a22416461222c2261626f7574223a7b2276616c7565223a2230313937306339652d386135632d376633652d396331622d303030303030303030303062227d2c22666c6f77223a7b2276616c7565223a2261316135323737652d373438362d383432302d626433312d353139626131303030303030227d7d');

INSERT INTO simmer_of_9e51af5.kind OVERRIDING SYSTEM VALUE VALUES (1, 'old-letter');
INSERT INTO simmer_of_9e51af5.kind OVERRIDING SYSTEM VALUE VALUES (2, 'old-scales');
INSERT INTO simmer_of_9e51af5.kind OVERRIDING SYSTEM VALUE VALUES (3, 'old-trouble');
INSERT INTO simmer_of_9e51af5.kind OVERRIDING SYSTEM VALUE VALUES (4, 'old-work');
INSERT INTO simmer_of_9e51af5.kind OVERRIDING SYSTEM VALUE VALUES (5, 'simmer.after-response');

INSERT INTO simmer_of_9e51af5.queue OVERRIDING SYSTEM VALUE VALUES (1, 'default', false);
INSERT INTO simmer_of_9e51af5.queue OVERRIDING SYSTEM VALUE VALUES (2, 'kept', false);
INSERT INTO simmer_of_9e51af5.queue OVERRIDING SYSTEM VALUE VALUES (3, 'paused', true);

INSERT INTO simmer_of_9e51af5.schema VALUES (1, true, '0001_initial', '2026-11-28 17:56:41.103497+00');

INSERT INTO simmer_of_9e51af5.signal VALUES (1, '01970c9e-8a5c-7f3e-9c1b-000000000008', 1);

INSERT INTO simmer_of_9e51af5.worker OVERRIDING SYSTEM VALUE VALUES (1, 17958886015216350, 1, 'old:1', '["default","after-response","paused","kept"]', NULL, '["default","paused","kept"]');

INSERT INTO simmer_of_9e51af5.workflow VALUES ('535641fe-4222-84d4-aa84-b8e233000000', 0, 17699686021586802, 17699686023531555, 49235686023531555, 31536000000000000, 31536000000000000, 2, 0, 2, 2, false, NULL, NULL);
INSERT INTO simmer_of_9e51af5.workflow VALUES ('a1a5277e-7486-8420-bd31-519ba1000000', 0, 17699686024793948, NULL, NULL, 31536000000000000, 31536000000000000, 5, 1, 1, 1, false, 'old', NULL);

SELECT pg_catalog.setval('simmer_of_9e51af5.job_seq_seq', 19, true);

SELECT pg_catalog.setval('simmer_of_9e51af5.kind_id_seq', 5, true);

SELECT pg_catalog.setval('simmer_of_9e51af5.queue_id_seq', 5, true);

SELECT pg_catalog.setval('simmer_of_9e51af5.worker_id_seq', 1, true);

ALTER TABLE ONLY simmer_of_9e51af5.error
    ADD CONSTRAINT error_pkey PRIMARY KEY (job, n);

ALTER TABLE ONLY simmer_of_9e51af5.flush
    ADD CONSTRAINT flush_pkey PRIMARY KEY (worker, seq);

ALTER TABLE ONLY simmer_of_9e51af5.gate
    ADD CONSTRAINT gate_pkey PRIMARY KEY (workflow, n);

ALTER TABLE ONLY simmer_of_9e51af5.history
    ADD CONSTRAINT history_pkey PRIMARY KEY (id, keep_until);

ALTER TABLE ONLY simmer_of_9e51af5.history_20261128
    ADD CONSTRAINT history_20261128_pkey PRIMARY KEY (id, keep_until);

ALTER TABLE ONLY simmer_of_9e51af5.history_20261129
    ADD CONSTRAINT history_20261129_pkey PRIMARY KEY (id, keep_until);

ALTER TABLE ONLY simmer_of_9e51af5.history_kept
    ADD CONSTRAINT history_kept_pkey PRIMARY KEY (id, keep_until);

ALTER TABLE ONLY simmer_of_9e51af5.history_later
    ADD CONSTRAINT history_later_pkey PRIMARY KEY (id, keep_until);

ALTER TABLE ONLY simmer_of_9e51af5.hold
    ADD CONSTRAINT hold_pkey PRIMARY KEY (name);

ALTER TABLE ONLY simmer_of_9e51af5.job
    ADD CONSTRAINT job_pkey PRIMARY KEY (id);

ALTER TABLE ONLY simmer_of_9e51af5.kind
    ADD CONSTRAINT kind_name_key UNIQUE (name);

ALTER TABLE ONLY simmer_of_9e51af5.kind
    ADD CONSTRAINT kind_pkey PRIMARY KEY (id);

ALTER TABLE ONLY simmer_of_9e51af5.queue
    ADD CONSTRAINT queue_name_key UNIQUE (name);

ALTER TABLE ONLY simmer_of_9e51af5.queue
    ADD CONSTRAINT queue_pkey PRIMARY KEY (id);

ALTER TABLE ONLY simmer_of_9e51af5.schema
    ADD CONSTRAINT schema_pkey PRIMARY KEY (version);

ALTER TABLE ONLY simmer_of_9e51af5.signal
    ADD CONSTRAINT signal_pkey PRIMARY KEY (owner, job, run);

ALTER TABLE ONLY simmer_of_9e51af5.worker
    ADD CONSTRAINT worker_pkey PRIMARY KEY (id);

ALTER TABLE ONLY simmer_of_9e51af5.workflow
    ADD CONSTRAINT workflow_pkey PRIMARY KEY (id);

CREATE INDEX history_later_keep ON simmer_of_9e51af5.history_later USING btree (keep_until);

CREATE INDEX job_due ON simmer_of_9e51af5.job USING btree (due_at) WHERE (state = 2);

CREATE INDEX job_expires ON simmer_of_9e51af5.job USING btree (expires_at) WHERE (expires_at IS NOT NULL);

CREATE INDEX job_ready ON simmer_of_9e51af5.job USING btree (queue, rank, seq) WHERE (state = 3);

CREATE INDEX job_suspect ON simmer_of_9e51af5.job USING btree (queue, rank, seq) WHERE (state = 9);

CREATE UNIQUE INDEX job_unique ON simmer_of_9e51af5.job USING btree (kind, unique_key) WHERE (unique_key IS NOT NULL);

CREATE INDEX workflow_keep ON simmer_of_9e51af5.workflow USING btree (keep_until) WHERE (keep_until IS NOT NULL);

ALTER INDEX simmer_of_9e51af5.history_pkey ATTACH PARTITION simmer_of_9e51af5.history_20261128_pkey;

ALTER INDEX simmer_of_9e51af5.history_pkey ATTACH PARTITION simmer_of_9e51af5.history_20261129_pkey;

ALTER INDEX simmer_of_9e51af5.history_pkey ATTACH PARTITION simmer_of_9e51af5.history_kept_pkey;

ALTER INDEX simmer_of_9e51af5.history_pkey ATTACH PARTITION simmer_of_9e51af5.history_later_pkey;
