namespace Simmer.SimulationTests;

/// <summary>Runs many seeds, one a core at a time.</summary>
internal static class Sweep
{
    /// <summary>The course of the first seed found to fail; null: none does.</summary>
    public static Course? FirstFailure(int seeds, CancellationToken cancellationToken)
    {
        Course? failed = null;
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
        Parallel.For(1, seeds + 1, options, (seed, loop) =>
        {
            var course = Simulation.Run(seed);
            if (course.Error is not null)
            {
                loop.Stop();
                Interlocked.CompareExchange(ref failed, course, null);
            }
        });
        return failed;
    }
}
