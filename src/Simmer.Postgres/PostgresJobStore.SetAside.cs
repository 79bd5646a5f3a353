using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Postgres;

internal sealed partial class PostgresJobStore
{
    // Below them no row is read: a damaged payload must not stop the list.
    private const string CandidatesSql = """
        SELECT id FROM (
          (SELECT j.id, j.rank, j.seq FROM simmer.job j WHERE j.queue = $1 AND j.state = 3 AND j.kind = ANY($3) AND j.id <> ALL($4)
              ORDER BY j.rank, j.seq LIMIT $2)
          UNION ALL (SELECT j.id, j.rank, j.seq FROM simmer.job j WHERE j.queue = $1 AND j.state = 9 AND $5 AND j.kind = ANY($3)
              AND j.id <> ALL($4) ORDER BY j.rank, j.seq LIMIT 1)) c
        ORDER BY rank, seq LIMIT $2
        """;

    /// <summary>Claims of one queue behind savepoints: all at once, and if that is refused one by one. What is refused is set aside, so
    /// that it holds up nobody.</summary>
    private async Task ClaimCarefullyAsync(Session session, ClaimBatch claiming, int queue, string name, int count, int suspects,
        IReadOnlyList<JobId>? passedOver = null)
    {
        var before = claiming.Mark();
        if (await session.TryAsync($"claim of {queue}",
            () => ClaimAllAsync(session, claiming, queue, count, suspects, Avoided())) is not { } refused)
        {
            return;
        }

        claiming.Undo(before);
        _lowWater.Stale(queue);
        for (var left = count; left > 0;)
        {
            var candidates = new List<JobId>();
            if (await session.TryAsync($"candidates of {queue}", () =>
                ClaimAsync(session, batch => batch.Add(CandidatesSql).Bind(queue).Bind(left).Bind(claiming.Kinds).Bind(Avoided(), UuidArray)
                .Bind(suspects > 0 && claiming.HasRoomForAnySuspect).Each(row => candidates.Add(row.Id(0))))) is { } unknown)
            {
                // Nothing tells which of its rows it is: the others of this queue wait with it, and no other queue does.
                claiming.SetAside($"(one in queue '{name}')", StoreFaults.Refusal(unknown, $"claims of queue '{name}'").Message,
                    SetAsideDecision.FirstRest);
                return;
            }

            // Those that are refused are no candidates the next time, and others are in their places.
            var refusals = await ClaimOneByOneAsync(session, claiming, queue, candidates);
            left = refusals == 0 ? 0 : left - (candidates.Count - refusals);
        }

        Guid[] Avoided() => [.. _avoided.Present(claiming.Now), .. (passedOver ?? []).Select(static id => id.Value)];
    }

    private async Task<int> ClaimOneByOneAsync(Session session, ClaimBatch claiming, int queue, List<JobId> candidates)
    {
        var refusals = 0;
        foreach (var id in candidates)
        {
            var before = claiming.Mark();
            if (await session.TryAsync($"claim {id}",
                () => ClaimAsync(session, batch => claiming.AddOne(session, batch, queue, id))) is { } alone)
            {
                refusals++;
                claiming.Undo(before);
                _lowWater.Stale(queue);
                await SetAsideAsync(session, claiming, id, StoreFaults.Refusal(alone, $"the claim of job {id}").Message,
                    SetAsideDecision.FirstRest);
            }
        }

        return refusals;
    }

    private static async Task ClaimAllAsync(Session session, ClaimBatch claiming, int queue, int count, int suspects, Guid[] avoided)
    {
        var batch = session.Batch();
        await claiming.AddAsync(session, batch, queue, count, suspects, avoided);
        await batch.RunAsync();
    }

    private static Task ClaimAsync(Session session, Action<SqlBatch> claim)
    {
        var batch = session.Batch();
        claim(batch);
        return batch.RunAsync();
    }

    /// <summary>After the commit: what was claimed and cannot be read is put off with the reason. In a transaction of its own.</summary>
    private async Task<IReadOnlyList<SetAsideJob>> SetAsideAsync(Session session, ClaimBatch claiming)
    {
        if (claiming.Unreadable.Count > 0)
        {
            var again = SessionOn(session.Connection);
            await SetUnreadableAsideAsync(again, claiming);
            session.Steps.Join(again.Steps);
        }

        return claiming.IsAside.ConvertAll(aside => aside with { Until = ByCaller(aside.Until, session.Ahead) });
    }

    private async Task SetUnreadableAsideAsync(Session again, ClaimBatch claiming)
    {
        await Session.Begin(again.Batch(), _options.LockTimeout).Add(NothingDeferredSql).RunAsync();
        foreach (var row in claiming.Unreadable)
        {
            await SetAsideAsync(again, claiming, row.Id, row.Unreadable!, SetAsideDecision.RestAfter(row.Run));
        }

        await again.Batch().Add("COMMIT").RunAsync();
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
            claiming.SetAside(id.ToString(), reason, _avoided.Avoid(id.Value, claiming.Now));
        }
    }
}
