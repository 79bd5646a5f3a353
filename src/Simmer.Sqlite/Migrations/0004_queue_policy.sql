-- breaking: no
-- What an application declares of a queue: how long its jobs are kept, in ticks of 100 ns, and the version of the application that says so.
-- Without values: nobody has declared it, or a version before this one works on it.
ALTER TABLE simmer_queue ADD COLUMN keep_succeeded INTEGER;
ALTER TABLE simmer_queue ADD COLUMN keep_failed INTEGER;
ALTER TABLE simmer_queue ADD COLUMN declared_by TEXT;

-- What an operator says of a pause. A version before this one pauses without it.
ALTER TABLE simmer_queue ADD COLUMN paused_at INTEGER;
ALTER TABLE simmer_queue ADD COLUMN paused_reason TEXT;
ALTER TABLE simmer_queue ADD COLUMN paused_by TEXT;
