-- breaking: no
-- What a worker says of itself, so that everybody judges it alike: its lease in ticks of 100 ns, and how many jobs it runs at once. Without a value: a version before this one.
-- From now on the column suspect says how often a suspect's workers died under it; a version that knows only whether a job is one reads and writes it as before.
ALTER TABLE simmer_worker ADD COLUMN lease INTEGER;
ALTER TABLE simmer_worker ADD COLUMN slots INTEGER;
