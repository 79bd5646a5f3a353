using System.Globalization;
using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>The only place that sets a job running. A claim starts ready jobs here. A job that is enqueued, or a step that is released, and
/// that the claim of the same flush would take, is started without being ready first (<see cref="DirectStarts"/>,
/// <see cref="StepStarts"/>).</summary>
/// <param name="aside">The rows that are left alone.</param>
internal sealed class RunStart(SetAside aside)
{
    private static readonly Sql s_start = new($"UPDATE simmer_job SET state = {JobStates.Running}, run = ?2, owner = ?3, started_at = ?4, "
        + "version = version + 1 WHERE seq = ?1");

    // For good: if its return could take the key back, a rescue could fail on a job that holds it meanwhile.
    private static readonly Sql s_releaseKey = new("UPDATE simmer_job SET unique_key = NULL WHERE seq = ?1");

    // Released and claimed: two changes.
    private static readonly Sql s_startStep = new($"""
        UPDATE simmer_job SET pending = ?2, outcomes = ?3, state = {JobStates.Running}, run = ?4, owner = ?5, started_at = ?6,
            version = version + 2 WHERE seq = ?1
        """);

    private readonly BestRows _best = new();

    /// <summary>The state in which a new row is stored.</summary>
    /// <param name="without">Its state if nobody runs it at once.</param>
    /// <param name="starter">The worker that runs it at once (<see cref="DirectStarts"/>, <see cref="StepStarts"/>); null: none
    /// does.</param>
    public static JobState StateOfNew(JobState without, long? starter) => starter is null ? without : JobState.Running;

    /// <summary>Carries out the claims of a flush.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="flush">The flush.</param>
    /// <param name="starts">The steps that it has started already, which count as claimed.</param>
    /// <param name="now">The present time.</param>
    /// <param name="careful">Whether each job is claimed behind a savepoint of its own.</param>
    /// <returns>What came of them; null: the flush claims nothing.</returns>
    public ClaimBatch? Claim(SqliteSession session, Flush flush, StepStarts? starts, DateTimeOffset now, bool careful)
    {
        if (flush.Claims.Count == 0)
        {
            return null;
        }

        var claims = new ClaimBatch(flush.Worker.Value, UnknownKinds(session, flush.Kinds), now, careful)
        {
            Avoided = aside.Avoided(now),
            Room = flush.Suspects,
            Claims = new List<JobClaim>(Math.Min(flush.Claims.Sum(static c => c.Count), 256)),
        };
        for (var i = 0; i < flush.Claims.Count; i++)
        {
            var request = flush.Claims[i];
            if (starts?.ClaimsOf(request.Queue) is { Count: > 0 } started)
            {
                claims.Claims.AddRange(started);
                request = request with { Count = request.Count - started.Count };
            }

            var queue = request.Count > 0 ? session.Names.FindQueue(request.Queue) : 0;
            if (queue != 0 && Admission.IsOpen(session, queue))
            {
                Claim(session, queue, request, claims);
            }
        }

        return claims;
    }

    /// <summary>Starts a waiting step whose parents have all reported in this flush.</summary>
    public static void Start(SqliteSession session, StepStart step, in ClaimRow row, long worker, DateTimeOffset now)
    {
        _ = session[s_startStep].Bind(1, row.Seq).Bind(2, (long)step.Tally.Pending).Bind(3, step.Tally.Outcomes).Bind(4, row.Run + 1L)
            .Bind(5, worker).Bind(6, DbTime.Of(now)).Run();
        step.Claim = new JobClaim(row.Draft, row.Run + 1, row.Forgiven, row.EnqueuedAt);
    }

    private void Claim(SqliteSession session, long queue, in ClaimRequest request, ClaimBatch claims)
    {
        var count = request.Count;
        var suspects = Math.Min(request.Suspects, claims.Room.Most);
        var more = true;
        HashSet<long>? refused = null;
        while (count > 0 && more)
        {
            // Expired and unreadable rows take no slot, so after a look that met some it looks again.
            more = false;
            claims.Avoided = refused is not null ? aside.Avoided(claims.Now) : claims.Avoided;
            foreach (var row in _best.Read(session, queue, count, ref suspects, claims))
            {
                if (row.Unreadable is { } why)
                {
                    claims.Aside.Add(aside.PutOff(session, row, why, claims.Now, claims.Careful));
                    more |= (refused ??= []).Add(row.Seq);
                }
                else if (claims.Careful && TryTake(session, row, claims) is { } error)
                {
                    var reason = StoreFaults.Refusal(error, $"the claim of job {row.Id}").Message;
                    claims.Aside.Add(aside.PutOff(session, row, reason, claims.Now, careful: true));
                    more |= (refused ??= []).Add(row.Seq);
                }
                else
                {
                    var expired = row.IsExpired(claims.At);
                    more |= expired;
                    count -= expired ? 0 : 1;
                    if (!claims.Careful)
                    {
                        Take(session, row, claims);
                    }
                }
            }
        }

        _best.Clear();
    }

    // A method of its own, because a lambda in the loop above would allocate an object for every row, also on the quick path.
    private static Exception? TryTake(SqliteSession session, ClaimRow row, ClaimBatch claims) =>
        session.Try(("claim", row.Seq), () => Take(session, row, claims));

    private static void Take(SqliteSession session, in ClaimRow row, ClaimBatch claims)
    {
        if (row.IsExpired(claims.At))
        {
            RunEnd.Finish(session, row.Seq, row.Id,
                new Ending(JobState.Cancelled, DeclaredQueues.KeepCancelledFor(session, row.Seq, row.Draft.Step))
                {
                    Reason = StoreRules.ExpiredReason,
                    Step = row.Draft.Step,
                }, claims.Now);
            claims.Expired.Add(row.Id);
            return;
        }

        _ = session[s_start].Bind(1, row.Seq).Bind(2, row.Run + 1).Bind(3, claims.Worker).Bind(4, claims.At).Run();
        if (row.Draft.UniqueKey is not null && row.Draft.UniqueWhile == UniqueWhile.Waiting)
        {
            _ = session[s_releaseKey].Bind(1, row.Seq).Run();
        }

        claims.Claims.Add(new JobClaim(row.Draft, row.Run + 1, row.Forgiven, row.EnqueuedAt, row.Suspicion, row.CancelRequested));
    }

    private static string? UnknownKinds(SqliteSession session, IReadOnlyCollection<string> known)
    {
        var unknown = session.Names.UnknownKinds(known);
        return unknown.Length == 0
            ? null
            : $"[{string.Join(',', unknown.Select(static kind => kind.ToString(CultureInfo.InvariantCulture)))}]";
    }
}
