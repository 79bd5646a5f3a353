namespace Simmer.Storage.InMemory;

internal sealed partial class InMemoryJobStore
{
    private bool[] GiveBack(IReadOnlyList<LeaseToken> tokens, WorkerRow worker, DateTimeOffset now)
    {
        if (tokens.Count == 0)
        {
            return [];
        }

        var held = new bool[tokens.Count];
        for (var i = 0; i < held.Length; i++)
        {
            if (Held(tokens[i], worker) is { } row)
            {
                GiveBack(row, now);
                held[i] = true;
            }
        }

        return held;
    }

    /// <summary>Ready again at its old place, its attempt forgiven, as suspect as it was; a job whose cancel was asked for ends instead of
    /// starting once more.</summary>
    private void GiveBack(JobRow row, DateTimeOffset now)
    {
        row.Forgiven++;
        var cancelReason = row.Detail?.CancelReason;
        EndRun(row);
        if (row.CancelRequested)
        {
            Finish(row, JobState.Cancelled, cancelReason, StoreRules.KeptByDefault, now);
        }
        else
        {
            Move(row, JobState.Ready);
        }
    }
}
