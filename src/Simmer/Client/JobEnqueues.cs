using Simmer.Context;
using Simmer.Diagnostics;
using Simmer.Engine;
using Simmer.Enqueue;
using Simmer.Storage;

namespace Simmer.Client;

/// <summary>Makes drafts of jobs and stores them.</summary>
internal sealed class JobEnqueues(EngineContext context, DraftFactory factory, IEnqueueIntake intake)
{
    /// <summary>Stores one job.</summary>
    public async ValueTask<EnqueueReport> OneAsync(IJob job, EnqueueOptions? options, CancellationToken cancellationToken)
    {
        var kind = context.Catalog.Of(job);
        using var activity = Telemetry.StartSend(options?.Queue ?? kind.Queue);
        var draft = factory.Make(job, options, kind);
        intake.Check();
        var report = EnqueueAnswers.Accepted(context, await intake.StoreAsync(draft, cancellationToken), draft);
        return intake.IsUncommitted ? Uncommitted([draft], [report])[0] : report;
    }

    /// <summary>Stores many jobs: of those that go to one store, all or none.</summary>
    /// <returns>The answers, in the same order.</returns>
    public async ValueTask<IReadOnlyList<EnqueueReport>> ManyAsync(IEnumerable<(IJob Job, EnqueueOptions? Options)> jobs,
        CancellationToken cancellationToken)
    {
        using var activity = Telemetry.StartSend("many");

        // All are made before the first is stored: a job that cannot be stored is found while nothing is half done.
        var drafts = new List<JobDraft>(jobs.TryGetNonEnumeratedCount(out var count) ? count : 0);
        foreach (var (job, options) in jobs)
        {
            drafts.Add(factory.Make(job, options, context.Catalog.Of(job)));
        }

        Telemetry.Sent(activity, drafts.Count);
        RefuseRepeatedIds(drafts);
        intake.Check();
        var reports = await StoreAsync(drafts, cancellationToken);
        EnqueueReport[]? marked = null;
        for (var i = 0; i < reports.Count; i++)
        {
            if (EnqueueAnswers.Accepted(context, reports[i], drafts[i]) is { IsByKey: true } byKey)
            {
                (marked ??= [.. reports])[i] = byKey;
            }
        }

        return intake.IsUncommitted ? Uncommitted(drafts, marked ?? reports) : marked ?? reports;
    }

    private async ValueTask<IReadOnlyList<EnqueueReport>> StoreAsync(List<JobDraft> drafts, CancellationToken cancellationToken)
    {
        if (drafts.Count > 0 && drafts.TrueForAll(d => d.Engine() == drafts[0].Engine()))
        {
            RefuseTooLarge(drafts[0].Engine(), drafts);
            return await intake.StoreAsync(drafts[0].Engine(), drafts, cancellationToken);
        }

        var reports = new EnqueueReport[drafts.Count];
        var shares = Enumerable.Range(0, drafts.Count).ToLookup(i => drafts[i].Engine());
        foreach (var share in shares)
        {
            RefuseTooLarge(share.Key, [.. share.Select(i => drafts[i])]);
        }

        foreach (var share in shares)
        {
            var indexes = share.ToList();
            var answers = await intake.StoreAsync(share.Key, [.. indexes.Select(i => drafts[i])], cancellationToken);
            for (var i = 0; i < indexes.Count; i++)
            {
                reports[indexes[i]] = answers[i];
            }
        }

        return reports;
    }

    /// <summary>For jobs that were stored in a caller's transaction, whose commit cannot be seen: they count as sent from here on, and
    /// their handles do not say that they are ready.</summary>
    private IReadOnlyList<EnqueueReport> Uncommitted(IReadOnlyList<JobDraft> drafts, IReadOnlyList<EnqueueReport> reports)
    {
        context.Metrics.Sent(drafts, reports, 0);
        return [.. reports.Select(static r => r.Status is EnqueueStatus.Stored or EnqueueStatus.Dispatched
            ? r with { State = JobState.Unknown }
            : r)];
    }

    private static void RefuseTooLarge(StoreEngine engine, IReadOnlyList<JobDraft> drafts)
    {
        if (engine.Store.IsDurable)
        {
            BatchLimits.Check(drafts, "Give them in several calls.");
        }
    }

    private static void RefuseRepeatedIds(List<JobDraft> drafts)
    {
        HashSet<JobId>? given = null;
        foreach (var draft in drafts)
        {
            if (draft.IdGiven && !(given ??= []).Add(draft.Id))
            {
                throw new ArgumentException($"The id {draft.Id} is given to two jobs of one call; each job has its own.", "jobs");
            }
        }
    }
}
