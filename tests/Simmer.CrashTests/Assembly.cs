// These tests mostly wait, for leases to end and processes to start: a few at once.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]
