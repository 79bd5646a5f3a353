using Simmer.Storage;

namespace Simmer.Sqlite;

internal sealed partial class SqliteJobStore
{
    private static bool[] GiveBack(SqliteSession session, IReadOnlyList<LeaseToken> tokens, long worker, DateTimeOffset now,
        List<Refusal>? refusals)
    {
        if (tokens.Count == 0)
        {
            return [];
        }

        var reports = new bool[tokens.Count];
        for (var i = 0; i < reports.Length; i++)
        {
            var place = i;
            if (refusals is null)
            {
                reports[i] = GiveBack(session, tokens[i], worker, now);
            }
            else if (session.Try(("end", tokens[i]), () =>
            {
                reports[place] = GiveBack(session, tokens[place], worker, now);
                Follow(session, now);
            }) is { } refused)
            {
                reports[i] = false;
                refusals.Add(new Refusal(tokens[i], StoreFaults.Refusal(refused, $"the end of job {tokens[i].Id}")));
            }
        }

        return reports;
    }

    /// <summary>Ready again at its old place, its attempt forgiven, as suspect as it was; a job whose cancel was asked for ends instead of
    /// starting once more.</summary>
    private static bool GiveBack(SqliteSession session, LeaseToken token, long worker, DateTimeOffset now)
    {
        if (Find(session, token, worker) is not { } held)
        {
            return false;
        }

        if (held.CancelRequested)
        {
            ForgetSignal(session, worker, token);
            Finish(session, held.Seq, token.Id,
                new Ending(JobState.Cancelled, StoreRules.KeptByDefault) { Reason = held.CancelReason, Forgiven = held.Forgiven + 1,
                Step = held.Step }, now);
        }
        else
        {
            MakeReady(session, held.Seq, held.Forgiven + 1, held.Errors, held.Suspicion, now);
        }

        return true;
    }

    private static void MakeReady(SqliteSession session, long seq, int forgiven, long errors, int suspicion, DateTimeOffset now) =>
        session[s_goOn]
            .Bind(1, seq)
            .Bind(2, suspicion > 0 ? ReadySuspect : (long)JobState.Ready)
            .BindNull(3)
            .Bind(4, DbTime.Of(now))
            .Bind(5, forgiven)
            .Bind(6, errors)
            .BindNull(7)
            .BindNull(8)
            .BindNull(9)
            .Bind(10, suspicion)
            .Run();
}
