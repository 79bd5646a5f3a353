using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Postgres;

/// <summary>The stage of a flush that claims jobs, and what has to be done about some of them after its commit.</summary>
/// <param name="context">What the rooms share.</param>
/// <param name="kinds">The numbers of the kinds that are claimed.</param>
/// <param name="expiry">Ends what has expired.</param>
/// <param name="transactions">Tells others of a second commit.</param>
internal sealed class FlushClaims(PostgresContext context, ClaimedKinds kinds, Expiry expiry, StoreTransactions transactions)
{
    /// <summary>The claims of a flush; nothing is claimed yet.</summary>
    public ClaimBatch Of(Flush flush, DateTimeOffset now) => new(flush, kinds.Of(flush.Kinds), now, context.Clock.GetTimestamp());

    /// <summary>Adds a claim a queue.</summary>
    public async Task<ClaimBatch> ClaimAsync(FlushRun run)
    {
        var claiming = Of(run.Flush, run.Now);
        if (!run.HasWorker || run.Mode == FlushMode.Apart)
        {
            return claiming;
        }

        var session = run.Session;
        session.Steps.Lower(context.LowWater);
        if (run.Mode == FlushMode.Careful)
        {
            await run.Batch.RunAsync();
        }

        var avoided = context.Avoided.Present(run.Now);
        var maySuspect = context.Suspects.MayExist;
        foreach (var request in run.Flush.Claims)
        {
            if (request.Count <= 0 || !context.Names.KnowsQueue(request.Queue))
            {
                continue;
            }

            var (queue, suspects) = (context.Names.Queue(request.Queue), maySuspect ? request.Suspects : 0);
            await (run.Mode == FlushMode.Careful
                ? ClaimCarefullyAsync(session, claiming, queue, request.Queue, request.Count, suspects)
                : claiming.AddAsync(session, run.Batch, queue, request.Count, suspects, avoided));
        }

        return claiming;
    }

    /// <summary>Ends jobs that a claim met when they had expired, and looks again for as many others. In a transaction of its own: the
    /// claims are committed.</summary>
    public async Task<IReadOnlyList<JobId>> ExpireMetAsync(Session session, ClaimBatch claiming, DateTimeOffset now)
    {
        if (claiming.TakeExpired() is not { Count: > 0 } met)
        {
            return [];
        }

        var again = context.SessionOn(session.Connection);
        await Session.Begin(again.Batch(), context.Options.LockTimeout).RunAsync();
        var all = new List<JobId>();
        while (met.Count > 0)
        {
            all.AddRange(met.Select(static m => m.Id));
            foreach (var queue in met.GroupBy(static m => m.Queue))
            {
                await ClaimCarefullyAsync(again, claiming, queue.Key, again.Names.QueueName(queue.Key) ?? "", queue.Count(),
                    claiming.SuspectsLeft(queue.Key), all);
            }

            met = claiming.TakeExpired();
        }

        // What follows from their end may be claimed by the next flush, as what follows from any other.
        var expired = await expiry.EndAsync(again, all, now);
        await again.Batch().Add("COMMIT").RunAsync();
        transactions.Announce(again.Steps);
        session.Steps.Join(again.Steps);
        return expired;
    }

    /// <summary>After the commit: what was claimed and cannot be read is put off with the reason. In a transaction of its own.</summary>
    public async Task<IReadOnlyList<SetAsideJob>> SetAsideAsync(Session session, ClaimBatch claiming)
    {
        if (claiming.Unreadable.Count > 0)
        {
            var again = context.SessionOn(session.Connection);
            await Session.Begin(again.Batch(), context.Options.LockTimeout).Add(Session.NothingDeferredSql).RunAsync();
            foreach (var row in claiming.Unreadable)
            {
                await SetAsideAsync(again, claiming, row.Id, row.Unreadable!, SetAsideDecision.RestAfter(row.Run));
            }

            await again.Batch().Add("COMMIT").RunAsync();
            session.Steps.Join(again.Steps);
        }

        return claiming.IsAside.ConvertAll(aside => aside with { Until = CallerTime.Of(aside.Until, session.Ahead) });
    }

    /// <summary>Claims jobs of one queue behind savepoints: all at once, and if that is refused one by one. A job whose claim is refused is
    /// set aside, so that it holds up no other.</summary>
    private async Task ClaimCarefullyAsync(Session session, ClaimBatch claiming, int queue, string name, int count, int suspects,
        IReadOnlyList<JobId>? passedOver = null)
    {
        var before = claiming.Mark();
        if (await session.TryAsync($"claim of {queue}", async () =>
        {
            var batch = session.Batch();
            await claiming.AddAsync(session, batch, queue, count, suspects, Avoided());
            await batch.RunAsync();
        }) is null)
        {
            return;
        }

        claiming.Undo(before);
        context.LowWater.Stale(queue);
        for (var left = count; left > 0;)
        {
            var candidates = new List<JobId>();
            if (await session.TryAsync($"candidates of {queue}", () => SendAsync(session,
                batch => claiming.FindCandidates(batch, queue, left, suspects, Avoided(), candidates.Add))) is { } unknown)
            {
                // It cannot be told which of its rows is refused, so the others of this queue wait with it, but no other queue does.
                claiming.SetAside($"(one in queue '{name}')", StoreFaults.Refusal(unknown, $"claims of queue '{name}'").Message,
                    SetAsideDecision.FirstRest);
                return;
            }

            // Those that are refused are no candidates the next time, and others are in their places.
            var refusals = await ClaimOneByOneAsync(session, claiming, queue, candidates);
            left = refusals == 0 ? 0 : left - (candidates.Count - refusals);
        }

        Guid[] Avoided() => [.. context.Avoided.Present(claiming.Now), .. (passedOver ?? []).Select(static id => id.Value)];
    }

    private async Task<int> ClaimOneByOneAsync(Session session, ClaimBatch claiming, int queue, List<JobId> candidates)
    {
        var refusals = 0;
        foreach (var id in candidates)
        {
            var before = claiming.Mark();
            if (await session.TryAsync($"claim {id}", () => SendAsync(session, batch => claiming.AddOne(session, batch, queue, id)))
                is { } alone)
            {
                refusals++;
                claiming.Undo(before);
                context.LowWater.Stale(queue);
                await SetAsideAsync(session, claiming, id, StoreFaults.Refusal(alone, $"the claim of job {id}").Message,
                    SetAsideDecision.FirstRest);
            }
        }

        return refusals;
    }

    /// <summary>Puts a job off, visible to all with the reason; where the database refuses even that, this process leaves it
    /// alone.</summary>
    private async Task SetAsideAsync(Session session, ClaimBatch claiming, JobId id, string reason, TimeSpan rest)
    {
        var until = StoreRules.KeepUntil(claiming.Now, rest);
        if (await session.TryAsync($"set aside {id}",
            () => SetAside.WriteAsync(session, id, claiming.Flush.Worker, reason, claiming.Now, until)) is null)
        {
            session.Steps.Due(until);
            claiming.SetAside(id.ToString(), reason, rest);
        }
        else
        {
            claiming.SetAside(id.ToString(), reason, context.Avoided.Avoid(id.Value, claiming.Now));
        }
    }

    private static Task SendAsync(Session session, Action<SqlBatch> add)
    {
        var batch = session.Batch();
        add(batch);
        return batch.RunAsync();
    }
}
