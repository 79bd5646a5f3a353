using System.Data;
using Npgsql;
using Simmer.Storage;

namespace Simmer.Postgres;

internal sealed partial class PostgresJobStore
{
    private sealed partial class EnqueueBatch
    {
        /// <summary>After the commit: answers, and looks up who was there before. What the claims of the same flush have met was ready when
        /// the jobs were stored.</summary>
        /// <param name="session">The session.</param>
        /// <param name="claiming">The claims of the flush; null: it is all within the transaction of a caller, which has yet to
        /// commit.</param>
        public async Task ResolveAsync(Session session, ClaimBatch? claiming)
        {
            var missing = Answer(_admitted);

            // Whoever stood in the way may be gone by the time it is looked for; then the job is simply stored.
            for (var attempt = 0; missing.Count > 0; attempt++)
            {
                var rows = new JobLookup();
                var batch = session.Batch();
                var jobs = missing.ConvertAll(i => _requests[i].Job).ToArray();
                rows.Ask(batch, Array.ConvertAll(jobs, static job => job.Id));
                rows.AskGiven(batch, jobs);
                rows.AskKeys(session, batch, jobs);
                await batch.RunAsync();
                var again = missing.FindAll(i => !TryExplain(session, i, rows, claiming));
                if (again.Count == 0)
                {
                    return;
                }

                if (attempt == 3)
                {
                    again.ForEach(i => Reports[i] =
                        Refused(_requests[i].Job,
                            new StoreException($"Job {_requests[i].Job.Id} of kind '{_requests[i].Job.Kind}' is not stored: others with "
                            + "its id or unique key came and went, or are not committed yet. Try it once more.", isTransient: true)));
                    return;
                }

                missing = claiming is null ? await StoreAgainWithinAsync(session, again) : await StoreAgainAsync(session, again);
            }
        }

        private async Task<List<int>> StoreAgainWithinAsync(Session session, List<int> again)
        {
            var batch = session.Batch();
            InsertReady(session, batch, again);
            await batch.RunAsync();
            return Answer(again);
        }

        /// <summary>Stores once more, after the commit of the flush and in a transaction of its own, what found nobody in its way any
        /// more. The answer to the flush must not get lost for it, because a repeat cannot tell whose a job is that was stored
        /// meanwhile.</summary>
        /// <param name="session">The session.</param>
        /// <param name="again">The jobs.</param>
        /// <returns>Those that are not stored, because a transaction that is not committed yet holds an id or a key, or because somebody
        /// stands in their way again. What the database refuses has its answer.</returns>
        private async Task<List<int>> StoreAgainAsync(Session session, List<int> again)
        {
            try
            {
                var batch = Session.Begin(session.Batch(), s_flushLockTimeout);
                InsertReady(session, batch, again);
                _doubtful?.Note(batch, session.Names);
                await batch.Add("COMMIT").RunAsync();
                return Answer(again);
            }
            catch (PostgresException held) when (held.SqlState == PostgresErrorCodes.LockNotAvailable)
            {
                await session.RollBackAsync();
                _stored.Clear();
                return again;
            }
            catch (Exception refused) when (refused.IsAboutOneOperation() && session.Connection.State == ConnectionState.Open)
            {
                await session.RollBackAsync();
                _stored.Clear();
                return await StoreAgainAloneAsync(session, again);
            }
        }

        /// <summary>The same with each behind a savepoint, for one of them was refused.</summary>
        private async Task<List<int>> StoreAgainAloneAsync(Session session, List<int> again)
        {
            await Session.Begin(session.Batch(), s_flushLockTimeout).Add(NothingDeferredSql).RunAsync();
            var left = new List<int>();
            foreach (var i in again)
            {
                var job = _requests[i].Job;
                if (await session.TryAsync($"store {job.Id} again", () =>
                {
                    var insert = session.Batch();
                    InsertReady(session, insert, [i]);
                    return insert.RunAsync();
                }) is { } refused)
                {
                    Refuse([i], refused);
                }
                else
                {
                    left.Add(i);
                }
            }

            var batch = session.Batch();
            _doubtful?.Note(batch, session.Names);
            await batch.Add("COMMIT").RunAsync();
            return Answer(left);
        }

        /// <summary>Adds the statements for jobs that do not start at once.</summary>
        private void InsertReady(Session session, SqlBatch batch, List<int> some) =>
            Insert(session, batch, some
                .ConvertAll(i => new JobRow(_requests[i].Job, session.Names.Queue(_requests[i].Job.Queue),
                session.Names.Kind(_requests[i].Job.Kind),
                DbTime.Of(_requests[i].Job.DueFrom(_at)), DbTime.Of(_requests[i].Job.ExpiresFrom(_at)), Wants: false)), mayFail: false);

        /// <summary>Answers for what was stored.</summary>
        /// <returns>The rest.</returns>
        private List<int> Answer(List<int> some)
        {
            var missing = new List<int>();
            foreach (var i in some)
            {
                var job = _requests[i].Job;
                if (_stored.Remove(job.Id, out var row))
                {
                    Reports[i] = new EnqueueReport(row.State == JobState.Running ? EnqueueStatus.Dispatched : EnqueueStatus.Stored, job.Id,
                        row.State);
                    if (row.State == JobState.Ready)
                    {
                        _ = ReadyQueues.Add(row.Queue);
                    }
                }
                else
                {
                    missing.Add(i);
                }
            }

            return missing;
        }

        private bool TryExplain(Session session, int i, JobLookup rows, ClaimBatch? claiming)
        {
            var job = _requests[i].Job;
            if ((rows.WhyTaken(job) ?? _endedNow?.WhyTaken(job)) is { } why)
            {
                Reports[i] = Refused(job, new StoreException(why));
                return true;
            }

            var state = _ended is not null && _ended.TryGetValue(job.Id, out var ended)
                ? ended
                : job.IdGiven || rows.Hot(job.Id) is not null
                ? rows.StateOf(job.Id)
                : JobState.Unknown;
            if (state != JobState.Unknown)
            {
                Reports[i] = new EnqueueReport(EnqueueStatus.Duplicate, job.Id, claiming?.HasMet(job.Id) == true ? JobState.Ready : state)
                {
                    HasOtherPayload = rows.HasOtherPayload(job) || _endedNow?.HasOtherPayload(job) == true,
                };
                return true;
            }

            // A claim of the same flush may have released the key since.
            if (claiming?.MetHolder(session, job) is { } met)
            {
                Reports[i] = new EnqueueReport(EnqueueStatus.Duplicate, met, JobState.Ready);
                return true;
            }

            if (rows.Holder(job) is { } holder)
            {
                Reports[i] = new EnqueueReport(EnqueueStatus.Duplicate, holder.Id,
                    claiming?.HasMet(holder.Id) == true ? JobState.Ready : holder.State);
                return true;
            }

            return false;
        }
    }
}
