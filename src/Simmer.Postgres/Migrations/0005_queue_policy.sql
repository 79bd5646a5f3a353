-- breaking: no
-- What an application declares of a queue: how long its jobs are kept, in ticks of 100 ns, and the version of the application that says so.
-- Without values: nobody has declared it, or a version before this one works on it.
ALTER TABLE simmer.queue ADD COLUMN keep_succeeded bigint;
ALTER TABLE simmer.queue ADD COLUMN keep_failed bigint;
ALTER TABLE simmer.queue ADD COLUMN declared_by text;

-- What an operator says of a pause. A version before this one pauses without it.
ALTER TABLE simmer.queue ADD COLUMN paused_at bigint;
ALTER TABLE simmer.queue ADD COLUMN paused_reason text;
ALTER TABLE simmer.queue ADD COLUMN paused_by text;
