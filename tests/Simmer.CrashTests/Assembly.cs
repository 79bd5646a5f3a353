// Processes and a disk are shared by all of these tests.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
