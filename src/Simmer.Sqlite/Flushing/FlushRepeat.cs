using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Sqlite;

/// <summary>Answers a flush that had been committed before, from what is stored: its first answer is not kept anywhere.</summary>
/// <param name="unstored">What was not stored of the last flushes.</param>
internal sealed class FlushRepeat(UnstoredEnqueues unstored)
{
    public FlushReport Answer(SqliteSession session, Flush flush, bool alive, DateTimeOffset now) => new()
    {
        WasRepeat = true,
        WorkerGone = !alive,
        Refusals = alive
            ? [.. flush.Settlements.Select(static s => s.Token).Concat(flush.GiveBacks)
                .Where(token => RepeatAnswer.WasRefused(token, JobLookup.Find(session, token.Id), flush.Worker))
                .Select(RepeatAnswer.RefusedBefore)]
            : [],
        Settlements = StoreRules.Each(flush.Settlements,
            settlement => RepeatAnswer.ToSettlement(settlement, JobLookup.Find(session, settlement.Token.Id), flush.Worker)),
        GiveBacks = StoreRules.Each(flush.GiveBacks, static _ => true),
        Enqueues = Enqueues(session, flush, alive ? flush.Worker : default, now),
        Workflows = unstored.Workflows(flush, workflow => WorkflowLookup.StateOf(session, workflow.Id) ?? default,
            workflow => WorkflowStore.StoreLate(session, workflow, now)),
        Released = session.Steps.Take(),
    };

    private EnqueueReport[] Enqueues(SqliteSession session, Flush flush, WorkerId worker, DateTimeOffset now)
    {
        var reports = StoreRules.Each(flush.Enqueues, request => Enqueue(session, request, worker));
        if (unstored.Of(flush) is { } places)
        {
            // What kept them out is gone: they are stored now, or refused once more, a call of several as a whole.
            EnqueueGroups.RefuseRepeated(flush.Enqueues, reports);
            var late = places.Where(i => reports[i] is { Status: EnqueueStatus.Stored, State: JobState.Unknown }).ToList();
            var answers = EnqueueJobs.Enqueue(session, late.ConvertAll(i => flush.Enqueues[i] with { Dispatch = false }), null, now);
            for (var i = 0; i < answers.Length; i++)
            {
                reports[late[i]] = answers[i];
            }

            _ = unstored.Note(flush, reports);
        }

        return reports;
    }

    private static EnqueueReport Enqueue(SqliteSession session, in EnqueueRequest request, WorkerId worker)
    {
        var job = request.Job;
        var present = job.IdGiven ? EnqueueJobs.Present(session, job) : null;
        var found = JobLookup.Find(session, job.Id);
        return RepeatAnswer.ToEnqueue(request,
            present is { Status: EnqueueStatus.Refused, Error: { } error } ? error.Message : null,
            found,
            found.State == JobState.Unknown ? JobLookup.HolderOf(session, job) : null,
            worker);
    }
}
