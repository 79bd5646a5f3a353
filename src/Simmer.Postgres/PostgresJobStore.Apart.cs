using Npgsql;
using Simmer.Storage;

namespace Simmer.Postgres;

internal sealed partial class PostgresJobStore
{
    /// <summary>How often a flush that is sent apart waits for other transactions before it leaves out what it has not tried yet: its
    /// connection is needed for other things.</summary>
    private const int WaitsApart = 4;

    private const string NoteLeftOutSql = "UPDATE simmer.flush SET left_out = $3 WHERE worker = $1 AND seq = $2";

    private readonly ContendedOperations _contended;

    /// <summary>Each operation by itself, behind a savepoint: what still has to wait is left out once more.</summary>
    private async Task<FlushReport> CarryApartAsync(Session session, Flush flush, DateTimeOffset now)
    {
        var worker = flush.Worker.Value;
        var batch = Session.Begin(session.Batch(), s_flushLockTimeout);
        NoteFlush(batch, s_noteFlush, flush, null, now);
        _ = batch.Add(NothingDeferredSql);
        await batch.RunAsync();
        var leftOut = new List<int>();
        var waits = 0;
        var settlements = new SettleBatch(flush, worker);
        var number = 0;
        foreach (var one in settlements.Alone())
        {
            await TryAsync(number++, one.NeededRow, null, () => SettleAloneAsync(session, settlements, one, now));
        }

        var storing = new EnqueueBatch(flush.Enqueues, worker, now);
        foreach (var part in storing.Parts())
        {
            var job = flush.Enqueues[part[0]].Job;
            if (!await TryAsync(number + part[0], job.Id, job, async () =>
            {
                var insert = session.Batch();
                storing.Insert(session, insert, part);
                await insert.RunAsync();
                if (await storing.RefusesTakenAsync(session, part))
                {
                    await session.Batch().Add("ROLLBACK TO one").RunAsync();
                }
            }, refused => storing.Refuse(part, refused)))
            {
                leftOut.AddRange(part.Skip(1).Select(i => number + i));
                storing.LeaveOut(part);
            }
        }

        number += flush.Enqueues.Count;
        var workflows = new WorkflowReport[flush.Workflows.Count];
        for (var i = 0; i < workflows.Length; i++)
        {
            var (place, workflow) = (i, flush.Workflows[i]);
            _ = await TryAsync(number++, workflow.Id.Step(0), null, async () =>
            {
                var insert = session.Batch();
                workflows[place] = (await StoreWorkflowsAsync(session, insert, [workflow], now, careful: false))[0];
                await insert.RunAsync();
            }, refused => workflows[place] = Refused(workflow, StoreFaults.Refusal(refused, $"workflow {workflow.Id}")));
        }

        var commit = session.Batch();
        if (leftOut.Count > 0)
        {
            _ = commit.Add(NoteLeftOutSql).Bind(worker).Bind(flush.Sequence).Bind(leftOut.ToArray());
        }

        storing.NoteUnstored(session, commit, FlushPart.Whole(flush), careful: true);
        NoteUnstored(commit, FlushPart.Whole(flush), workflows);
        await commit.Add("COMMIT").RunAsync();
        Announce(session.Steps);
        var report = await ReportAsync(session, settlements, storing, workflows, ClaimingOf(flush, now), now);
        return FlushPart.Without(flush, leftOut).Mark(report);

        async Task<bool> TryAsync(int operation, JobId id, JobDraft? job, Func<Task> work, Action<Exception>? refuse = null)
        {
            if (waits >= WaitsApart)
            {
                leftOut.Add(operation);
                return false;
            }

            try
            {
                await session.Batch().Add("SAVEPOINT apart").RunAsync();
                if (await session.TryAsync($"apart {id}", work) is { } refused)
                {
                    refuse?.Invoke(refused);
                }

                await session.Batch().Add("RELEASE apart").RunAsync();
                _contended.Free(id, job);
                return true;
            }
            catch (PostgresException blocked) when (blocked.SqlState == PostgresErrorCodes.LockNotAvailable)
            {
                session.Steps.Forget();
                session.Changes.Forget();
                await session.Batch().Add("ROLLBACK TO apart").Add("RELEASE apart").RunAsync();
                waits++;
                leftOut.Add(operation);
                _contended.Note(id, job);
                return false;
            }
        }
    }
}
