using System.Data;
using Npgsql;
using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Postgres;

/// <summary>Finds the answers to enqueues after their inserts: for what was not stored it looks up what was in the way, and stores once
/// more where that is gone.</summary>
/// <param name="session">The session.</param>
/// <param name="storing">The enqueues.</param>
/// <param name="claiming">The claims of the flush: what they have met was ready when the jobs were stored. Null: it is all within the
/// transaction of a caller, which has yet to commit.</param>
internal sealed class EnqueueAnswers(Session session, EnqueueBatch storing, ClaimBatch? claiming)
{
    /// <summary>How often the job that is in the way is looked for, before that is the answer.</summary>
    private const int MostLooks = 4;

    /// <summary>Finds them all.</summary>
    public async Task FindAsync()
    {
        var missing = storing.Answer(storing.Admitted);

        // The job that was in the way may be gone when it is looked for. Then this one is simply stored.
        for (var look = 1; missing.Count > 0; look++)
        {
            var jobs = missing.ConvertAll(storing.Job).ToArray();
            var rows = new JobLookup();
            var batch = session.Batch();
            rows.Ask(batch, Array.ConvertAll(jobs, static job => job.Id));
            rows.AskGiven(batch, jobs);
            rows.AskKeys(session, batch, jobs);
            await batch.RunAsync();
            var again = missing.FindAll(i => !TryExplain(i, rows));
            if (again.Count == 0)
            {
                return;
            }

            if (look == MostLooks)
            {
                again.ForEach(RefuseUnexplained);
                return;
            }

            missing = claiming is null ? await StoreAgainWithinAsync(again) : await StoreAgainAsync(again);
        }
    }

    private void RefuseUnexplained(int place)
    {
        var job = storing.Job(place);
        storing.Reports[place] = RepeatAnswer.Refused(job,
            new StoreException($"Job {job.Id} of kind '{job.Kind}' is not stored: others with its id or unique key came and went, or are "
                + "not committed yet. Try it once more.", isTransient: true));
    }

    private async Task<List<int>> StoreAgainWithinAsync(List<int> again)
    {
        var batch = session.Batch();
        storing.Rows.InsertReady(session, batch, again);
        await batch.RunAsync();
        return storing.Answer(again);
    }

    /// <summary>Stores jobs whose obstacle is gone, after the commit of the flush and in a transaction of its own. The answer to the flush
    /// must not be lost because of that: a repeat cannot tell to whom a job belongs that was stored meanwhile.</summary>
    /// <returns>Those that are not stored, because a transaction that is not committed yet holds an id or a key, or because another job is
    /// in their way again. What the database refuses has its answer.</returns>
    private async Task<List<int>> StoreAgainAsync(List<int> again)
    {
        try
        {
            var batch = Session.Begin(session.Batch(), Session.ShortLockTimeout);
            storing.Rows.InsertReady(session, batch, again);
            storing.NoteUnstoredAgain(batch, session.Names);
            await batch.Add("COMMIT").RunAsync();
            return storing.Answer(again);
        }
        catch (PostgresException held) when (held.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            await session.RollBackAsync();
            storing.Rows.Forget();
            return again;
        }
        catch (Exception refused) when (refused.IsAboutOneOperation() && session.Connection.State == ConnectionState.Open)
        {
            await session.RollBackAsync();
            storing.Rows.Forget();
            return await StoreAgainAloneAsync(again);
        }
    }

    /// <summary>The same with each behind a savepoint, for one of them was refused.</summary>
    private async Task<List<int>> StoreAgainAloneAsync(List<int> again)
    {
        await Session.Begin(session.Batch(), Session.ShortLockTimeout).Add(Session.NothingDeferredSql).RunAsync();
        var left = new List<int>();
        foreach (var i in again)
        {
            if (await session.TryAsync($"store {storing.Job(i).Id} again", () =>
            {
                var insert = session.Batch();
                storing.Rows.InsertReady(session, insert, [i]);
                return insert.RunAsync();
            }) is { } refused)
            {
                storing.Refuse([i], refused);
            }
            else
            {
                left.Add(i);
            }
        }

        var batch = session.Batch();
        storing.NoteUnstoredAgain(batch, session.Names);
        await batch.Add("COMMIT").RunAsync();
        return storing.Answer(left);
    }

    private bool TryExplain(int place, JobLookup rows)
    {
        var job = storing.Job(place);
        if (Explain(job, rows) is not { } answer)
        {
            return false;
        }

        storing.Reports[place] = answer;
        return true;
    }

    /// <summary>The answer for a job that was not inserted; null: nothing is in its way any more.</summary>
    private EnqueueReport? Explain(JobDraft job, JobLookup rows)
    {
        var endedNow = storing.Rows.EndedNow;
        if ((rows.WhyTaken(job) ?? endedNow?.WhyTaken(job)) is { } why)
        {
            return RepeatAnswer.Refused(job, why);
        }

        var state = storing.Rows.Ended(job.Id);
        if (state == JobState.Unknown && (job.IdGiven || rows.Hot(job.Id) is not null))
        {
            state = rows.StateOf(job.Id);
        }

        if (state != JobState.Unknown)
        {
            return RepeatAnswer.ToTakenId(job, job.Kind, isStep: false, WasReady(job.Id, state),
                rows.HasOtherPayload(job) || endedNow?.HasOtherPayload(job) == true);
        }

        // A claim of the same flush may have released the key since.
        return claiming?.MetHolder(session, job) is { } met ? RepeatAnswer.ToHeldKey(met, JobState.Ready)
            : rows.Holder(job) is { } holder ? RepeatAnswer.ToHeldKey(holder.Id, WasReady(holder.Id, holder.State))
            : null;
    }

    private JobState WasReady(JobId id, JobState state) => claiming?.HasMet(id) == true ? JobState.Ready : state;
}
