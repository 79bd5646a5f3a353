// These tests mostly wait for leases to end and processes to start, so a few run at once.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]
