using Simmer.Execution.Intake;
using Simmer.Jobs;
using Simmer.Storage;

namespace Simmer.Execution;

/// <summary>Cancels jobs that this worker runs, or has claimed ahead.</summary>
internal sealed class RunCancels(AheadClaims ahead, JobTable table, FlushIntake intake)
{
    /// <summary>A cancel was asked for a run of this worker.</summary>
    public void Cancel(LeaseToken token)
    {
        if (!TryCancel(token))
        {
            _ = CancelOnceDeliveredAsync(token);
        }
    }

    private bool TryCancel(LeaseToken token)
    {
        if (ahead.Take(token) is { } waiting)
        {
            // Given back, the store ends it as asked.
            ahead.GiveBack([waiting]);
            return true;
        }

        var run = table.Find(token);
        run?.Stop(StopReason.Cancelled);
        return run is not null;
    }

    // The store gave the job out, and the answer that brings it has not been read yet. Or it has just ended, which is as good.
    private async Task CancelOnceDeliveredAsync(LeaseToken token)
    {
        await intake.WhenAnswered();
        TryCancel(token);
    }
}
