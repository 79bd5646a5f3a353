namespace Simmer.Execution;

/// <summary>Where runs come from that no store knows: they have no row to settle.</summary>
internal interface IRunSource
{
    /// <summary>A run ended.</summary>
    /// <returns>The run that takes its slot, to be started now.</returns>
    JobRun? Ended(JobRun run);
}
