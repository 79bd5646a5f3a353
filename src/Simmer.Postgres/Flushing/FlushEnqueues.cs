namespace Simmer.Postgres;

/// <summary>The stage of a flush that stores jobs.</summary>
internal static class FlushEnqueues
{
    /// <summary>Stores the jobs of a flush. What is added to its batch last is not sent yet.</summary>
    public static async Task StoreAsync(FlushRun run)
    {
        var storing = run.Storing;
        var isTogether = run.Mode == FlushMode.Together;
        if (isTogether && !storing.HasCallsWithGivenIds)
        {
            storing.Insert(run.Session, run.Batch, mayFail: true);
            return;
        }

        // In the order of the flush, in which the database numbers them; and what a call of several cannot store is known before it is.
        var together = new List<int>();
        foreach (var part in storing.Parts())
        {
            if (isTogether && !storing.IsCallWithGivenIds(part))
            {
                together.AddRange(part);
                continue;
            }

            storing.Rows.Insert(run.Session, run.Batch, together, mayFail: true);
            together.Clear();
            await run.Batch.RunAsync();
            await StorePartAsync(run, part);
        }

        storing.Rows.Insert(run.Session, run.Batch, together, mayFail: true);
    }

    private static async Task StorePartAsync(FlushRun run, List<int> part)
    {
        var (session, storing) = (run.Session, run.Storing);
        var job = storing.Job(part[0]);
        if (!await run.TryAsync(job.Id, job, part.ConvertAll(place => run.FirstEnqueue + place), StoreAsync,
            refused => storing.Refuse(part, refused)))
        {
            storing.LeaveOut(part);
        }

        async Task StoreAsync()
        {
            var insert = session.Batch();
            storing.Rows.Insert(session, insert, part);
            await insert.RunAsync();
            if (await storing.RefusesTakenAsync(session, part))
            {
                await session.Batch().Add("ROLLBACK TO one").RunAsync();
            }
        }
    }
}
