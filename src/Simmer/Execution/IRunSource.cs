namespace Simmer.Execution;

/// <summary>A source of runs that no store knows, so that they have no row to settle.</summary>
internal interface IRunSource
{
    /// <summary>A run ended.</summary>
    /// <returns>The run that takes its slot, to be started now.</returns>
    JobRun? Ended(JobRun run);
}
