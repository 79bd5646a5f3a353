using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>The end of a workflow as this transaction sees it.</summary>
internal sealed class EndRow(StepTally tally, bool isRunning)
{
    public StepTally Tally { get; set; } = tally;

    /// <summary>As it is in its row; written once all that follows is known.</summary>
    public bool WasRunning => isRunning;

    public bool IsDirty { get; set; }
}
