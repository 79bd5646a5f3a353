using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Postgres;

/// <summary>The end of a workflow as this transaction sees it.</summary>
internal sealed class EndRow(StepTally tally, bool isRunning)
{
    public StepTally Tally { get; private set; } = tally;

    private bool _isRunning = isRunning;

    /// <summary>How often it has ended or begun again in this transaction.</summary>
    public int Turns { get; private set; }

    public bool IsDirty { get; private set; }

    public void Add(StepTally change)
    {
        Tally += change;
        IsDirty = true;
        if (FollowDecision.ForEnd(_isRunning, Tally) != FollowTurn.None)
        {
            _isRunning = !_isRunning;
            Turns++;
        }
    }
}
