namespace Simmer.SimulationTests;

/// <summary>Runs many seeds, one a core at a time.</summary>
internal static class Sweep
{
    /// <summary>The course of the first seed found to fail, and how many had been run by then; null: none does.</summary>
    public static (Course Course, int Seeds)? FirstFailure(int seeds, Func<int, Course> course, CancellationToken cancellationToken)
    {
        (Course, int)? failed = null;
        var run = 0;
        var gate = new Lock();
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
        Parallel.For(1, seeds + 1, options, (seed, loop) =>
        {
            var end = course(seed);
            lock (gate)
            {
                run++;
                if (end.Error is not null)
                {
                    failed ??= (end, run);
                    loop.Stop();
                }
            }
        });
        return failed;
    }
}
