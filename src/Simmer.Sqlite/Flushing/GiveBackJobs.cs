using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Sqlite;

/// <summary>Takes back jobs that their worker does not run after all.</summary>
internal static class GiveBackJobs
{
    /// <summary>Takes back the jobs of a flush.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="tokens">Their leases.</param>
    /// <param name="worker">The worker that had them.</param>
    /// <param name="now">The present time.</param>
    /// <param name="refusals">Takes what the database refuses, each job behind a savepoint of its own; null: none is expected.</param>
    /// <returns>Whether the lease of each still held.</returns>
    public static bool[] GiveBack(SqliteSession session, IReadOnlyList<LeaseToken> tokens, long worker, DateTimeOffset now,
        List<Refusal>? refusals)
    {
        if (tokens.Count == 0)
        {
            return [];
        }

        var reports = new bool[tokens.Count];
        for (var i = 0; i < reports.Length; i++)
        {
            reports[i] = refusals is null
                ? GiveBack(session, tokens[i], worker, now)
                : GiveBackCarefully(session, tokens[i], worker, now, refusals);
        }

        return reports;
    }

    /// <summary>Takes back one job.</summary>
    /// <returns>False: its lease was lost.</returns>
    public static bool GiveBack(SqliteSession session, LeaseToken token, long worker, DateTimeOffset now)
    {
        if (RunEnd.Find(session, token, worker) is not { } held)
        {
            return false;
        }

        RunEnd.Write(session, held, GiveBackDecision.For(held.Row, held.KeepCancelledFor(session)), null, now);
        return true;
    }

    private static bool GiveBackCarefully(SqliteSession session, LeaseToken token, long worker, DateTimeOffset now, List<Refusal> refusals)
    {
        var given = false;
        if (session.Try(("end", token), () =>
        {
            given = GiveBack(session, token, worker, now);
            WorkflowFollow.Follow(session, now);
        }) is not { } refused)
        {
            return given;
        }

        refusals.Add(new Refusal(token, StoreFaults.Refusal(refused, $"the end of job {token.Id}")));
        return false;
    }
}
