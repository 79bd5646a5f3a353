-- breaking: no
-- How often a suspect's workers died under it; without a value where a version wrote it that knows only whether a job is a suspect.
ALTER TABLE simmer.job ADD COLUMN suspicion smallint;

-- What a worker says of itself, so that everybody judges it alike: its lease in ticks of 100 ns, and how many jobs it runs at once. Without a value: a version before this one.
ALTER TABLE simmer.worker ADD COLUMN lease bigint;
ALTER TABLE simmer.worker ADD COLUMN slots int;
