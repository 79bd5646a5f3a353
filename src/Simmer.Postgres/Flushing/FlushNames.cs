using Npgsql;
using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>The names of queues and kinds that a flush needs numbers for.</summary>
/// <param name="names">The numbers that are known.</param>
/// <param name="kinds">The kinds that this process claims.</param>
/// <param name="newNames">Adds names beside a flush.</param>
internal sealed class FlushNames(NameTable names, ClaimedKinds kinds, NewNames newNames)
{
    private static readonly HashSet<string> s_none = [];

    /// <summary>The names by whose numbers a flush stores jobs, to be proved in its transaction.</summary>
    public NameCheck Of(Flush flush)
    {
        HashSet<string>? queueNames = null;
        HashSet<string>? kindNames = null;
        var (queue, kind) = ("", "");
        ForEachJob(flush, job =>
        {
            if ((!ReferenceEquals(job.Queue, queue) || !ReferenceEquals(job.Kind, kind)) && StoreRules.WhyRefused(job) is null)
            {
                (queue, kind) = (job.Queue, job.Kind);
                _ = (queueNames ??= []).Add(queue);
                _ = (kindNames ??= []).Add(kind);
            }
        });
        return queueNames is null ? NameCheck.Nothing : names.Check(queueNames, kindNames!);
    }

    /// <summary>Adds names of a flush that have no numbers yet, in a transaction of their own on the flush's connection.</summary>
    public ValueTask AddAsync(NpgsqlConnection connection, Flush flush, Attempt attempt)
    {
        var (newQueues, newKinds) = NewIn(flush);
        return newQueues.Count + newKinds.Count == 0
            ? ValueTask.CompletedTask
            : new ValueTask(names.AddAsync(connection, newQueues, newKinds, attempt));
    }

    /// <summary>Adds them beside a flush, for what goes into a caller's transaction.</summary>
    public ValueTask AddAsync(Flush flush, CancellationToken cancellationToken)
    {
        var (newQueues, newKinds) = NewIn(flush);
        return newQueues.Count + newKinds.Count == 0
            ? ValueTask.CompletedTask
            : newNames.AddAsync(newQueues, newKinds, cancellationToken);
    }

    /// <summary>The jobs that a flush may store, whichever way they come.</summary>
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

    private (HashSet<string> Queues, HashSet<string> Kinds) NewIn(Flush flush)
    {
        HashSet<string>? newQueues = null;
        HashSet<string>? newKinds = null;
        ForEachJob(flush, job =>
        {
            if (!names.Knows(job.Queue, job.Kind) && StoreRules.WhyRefused(job) is null)
            {
                _ = (newQueues ??= []).Add(job.Queue);
                _ = (newKinds ??= []).Add(job.Kind);
            }
        });

        // Queues that are claimed from need numbers as well: the first to put a job there may be another process, and says nothing of
        // names.
        foreach (var claim in flush.Claims)
        {
            if (!names.KnowsQueue(claim.Queue) && !names.WasRefused(claim.Queue))
            {
                _ = (newQueues ??= []).Add(claim.Queue);
            }
        }

        // After the first flush of a worker all of its kinds have their numbers.
        if (!kinds.Are(flush.Kinds))
        {
            foreach (var kind in flush.Kinds)
            {
                if (!names.KnowsKind(kind) && !names.WasRefused(kind))
                {
                    _ = (newKinds ??= []).Add(kind);
                }
            }
        }

        return (newQueues ?? s_none, newKinds ?? s_none);
    }
}
