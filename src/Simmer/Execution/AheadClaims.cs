using Simmer.Execution.Intake;
using Simmer.Storage;

namespace Simmer.Execution;

/// <summary>The jobs of one store that were claimed ahead and have not started, in all local queues, and their way back.</summary>
internal sealed class AheadClaims(LocalQueue[] queues, SuspectSet suspects, FlushIntake intake)
{
    /// <summary>Whether a job has left a list and is not yet where it goes: <see cref="Holds"/> and the table of runs both miss
    /// it.</summary>
    public bool IsAnyLeaving => queues.Any(static l => l.IsAnyLeaving);

    public bool Holds(LeaseToken token) => queues.Any(l => l.HoldsAhead(token));

    /// <summary>Since when the job waits that has waited longest, of each queue that has one.</summary>
    public long? Oldest()
    {
        long? oldest = null;
        foreach (var local in queues)
        {
            oldest = local.OldestAhead() is { } since && !(oldest <= since) ? since : oldest;
        }

        return oldest;
    }

    public List<JobClaim> TakeAll()
    {
        var taken = new List<JobClaim>();
        foreach (var local in queues)
        {
            local.TakeAheadSince(long.MaxValue, taken);
        }

        return taken;
    }

    /// <summary>Takes what was claimed ahead before a time and has not started since.</summary>
    public List<JobClaim> TakeExpired(long before)
    {
        var taken = new List<JobClaim>();
        foreach (var local in queues)
        {
            var known = taken.Count;
            local.TakeAheadSince(before, taken);
            if (taken.Count > known)
            {
                local.ExpectLongRuns();
            }
        }

        return taken;
    }

    /// <summary>Takes a job that was claimed and has not started, if it is still here.</summary>
    public JobClaim? Take(LeaseToken token)
    {
        foreach (var local in queues)
        {
            if (local.TakeAhead(token) is { } claim)
            {
                return claim;
            }
        }

        return null;
    }

    /// <summary>Gives back to the store what was taken here.</summary>
    public void GiveBack(IReadOnlyList<JobClaim> claims)
    {
        foreach (var claim in claims)
        {
            Forget(claim);
            intake.GiveBack(claim.Token);
            Arrived(claim);
        }
    }

    /// <summary>Drops what was taken here: the store has taken it back already.</summary>
    public void Drop(IReadOnlyList<JobClaim> claims)
    {
        foreach (var claim in claims)
        {
            Forget(claim);
        }

        foreach (var claim in claims)
        {
            Arrived(claim);
        }
    }

    /// <summary>A job leaves without having run, or has run: as a suspect it takes no room any more.</summary>
    public void Forget(JobClaim claim)
    {
        if (claim.Suspect)
        {
            suspects.Remove(claim.Token);
        }
    }

    private void Arrived(JobClaim claim) => Array.Find(queues, l => l.Name == claim.Job.Queue)!.Arrived();
}
