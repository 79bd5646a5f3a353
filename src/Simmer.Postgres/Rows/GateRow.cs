using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>A gate as this transaction sees it.</summary>
internal sealed class GateRow(StepTally tally, IReadOnlyList<StepLink> next)
{
    public StepTally Tally { get; set; } = tally;

    public IReadOnlyList<StepLink> Next => next;

    public bool IsDirty { get; set; }
}
