using Npgsql;
using Simmer.Storage;

namespace Simmer.Postgres;

internal sealed partial class PostgresJobStore
{
    private static readonly HashSet<string> s_none = [];

    /// <summary>The jobs that a flush may store, whichever way they come: each needs the numbers of its queue and kind.</summary>
    private static void ForEachJob(Flush flush, Action<JobDraft> take)
    {
        foreach (var request in flush.Enqueues)
        {
            take(request.Job);
        }

        foreach (var workflow in flush.Workflows)
        {
            foreach (var job in workflow.Steps)
            {
                take(job);
            }
        }

        foreach (var settlement in flush.Settlements)
        {
            foreach (var job in settlement.Added ?? [])
            {
                take(job);
            }
        }
    }

    /// <summary>The names by whose numbers a flush stores jobs.</summary>
    private NameCheck NamesOf(Flush flush)
    {
        HashSet<string>? queues = null;
        HashSet<string>? kinds = null;
        var (queue, kind) = ("", "");
        ForEachJob(flush, job =>
        {
            if ((!ReferenceEquals(job.Queue, queue) || !ReferenceEquals(job.Kind, kind)) && StoreRules.WhyRefused(job) is null)
            {
                (queue, kind) = (job.Queue, job.Kind);
                _ = (queues ??= []).Add(queue);
                _ = (kinds ??= []).Add(kind);
            }
        });
        return queues is null ? NameCheck.Nothing : _names.Check(queues, kinds!);
    }

    /// <summary>The names of a flush that have no numbers yet.</summary>
    private (HashSet<string> Queues, HashSet<string> Kinds) NewNames(Flush flush)
    {
        HashSet<string>? queues = null;
        HashSet<string>? kinds = null;
        ForEachJob(flush, job =>
        {
            if (!_names.Knows(job.Queue, job.Kind) && StoreRules.WhyRefused(job) is null)
            {
                _ = (queues ??= []).Add(job.Queue);
                _ = (kinds ??= []).Add(job.Kind);
            }
        });

        // Those that are claimed from as well: whoever is first to put a job there may be another process, and says nothing of names.
        foreach (var claim in flush.Claims)
        {
            if (!_names.KnowsQueue(claim.Queue) && !_names.WasRefused(claim.Queue))
            {
                _ = (queues ??= []).Add(claim.Queue);
            }
        }

        // All kinds of a worker have their numbers after its first flush.
        if (_kinds?.Are(flush.Kinds, _names) != true)
        {
            foreach (var kind in flush.Kinds)
            {
                if (!_names.KnowsKind(kind) && !_names.WasRefused(kind))
                {
                    _ = (kinds ??= []).Add(kind);
                }
            }
        }

        return (queues ?? s_none, kinds ?? s_none);
    }

    /// <summary>Names that were not met before get their numbers in a transaction of their own: one that is rolled back must not have given
    /// any.</summary>
    private ValueTask AddNamesAsync(NpgsqlConnection connection, Flush flush, Attempt attempt)
    {
        var (queues, kinds) = NewNames(flush);
        return queues.Count + kinds.Count == 0
            ? ValueTask.CompletedTask
            : new ValueTask(_names.AddAsync(connection, queues, kinds, attempt));
    }

    /// <summary>The same beside a flush, for what goes into a caller's transaction: on the connection that the flush keeps, because the
    /// caller may have the last one of the pool.</summary>
    private async ValueTask AddNamesAsync(Flush flush, CancellationToken cancellationToken)
    {
        var (queues, kinds) = NewNames(flush);
        if (queues.Count + kinds.Count > 0)
        {
            await AddNamesAsync(queues, kinds, cancellationToken);
        }
    }

    private async ValueTask AddNamesAsync(IReadOnlyCollection<string> queues, IReadOnlyCollection<string> kinds,
        CancellationToken cancellationToken) =>
        _ = await RunAsync(_main, async (connection, attempt) =>
        {
            await _names.AddAsync(connection, queues, kinds, attempt);
            return true;
        }, cancellationToken);
}
