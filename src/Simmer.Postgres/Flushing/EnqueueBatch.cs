using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Postgres;

/// <summary>The enqueues of a flush, or of a caller's transaction, on their way: which are admitted, and what becomes of them.</summary>
internal sealed class EnqueueBatch
{
    private readonly IReadOnlyList<EnqueueRequest> _requests;
    private readonly List<int> _admitted;
    private readonly EnqueueRows _rows;

    /// <summary>Jobs that wait for another transaction: whether they can be stored is not known yet.</summary>
    private List<int>? _waiting;

    /// <summary>The ids that several jobs of the flush have; null: nobody has asked.</summary>
    private HashSet<JobId>? _repeatedIds;

    private UnstoredNote? _unstored;

    /// <param name="requests">The enqueues.</param>
    /// <param name="worker">Who starts those that may start at once; null: nobody.</param>
    /// <param name="at">The present time.</param>
    public EnqueueBatch(IReadOnlyList<EnqueueRequest> requests, long? worker, DateTimeOffset at)
    {
        _requests = requests;
        _rows = new EnqueueRows(requests, worker, at);
        Reports = requests.Count == 0 ? [] : new EnqueueReport[requests.Count];
        _admitted = new List<int>(requests.Count);
        var refused = EnqueueGroups.RefusedByRules(requests);
        for (var i = 0; i < requests.Count; i++)
        {
            if (EnqueueGroups.WhyRefused(requests[i], refused) is { } why)
            {
                Reports[i] = RepeatAnswer.Refused(requests[i].Job, why);
            }
            else
            {
                _admitted.Add(i);
            }
        }
    }

    public EnqueueReport[] Reports { get; }

    /// <summary>The queues with new jobs that others may claim.</summary>
    public HashSet<int> ReadyQueues { get; } = [];

    /// <summary>What was inserted.</summary>
    public EnqueueRows Rows => _rows;

    /// <summary>The places of the jobs that are to be stored.</summary>
    public List<int> Admitted => _admitted;

    /// <summary>Whether any call of several gives ids.</summary>
    public bool HasCallsWithGivenIds => _admitted.Exists(i => _requests[i].Group > 0 && _requests[i].Job.IdGiven);

    /// <summary>What is stored or refused together: a job, or the jobs of one call.</summary>
    public IEnumerable<List<int>> Parts()
    {
        var parts = new List<List<int>>();
        var groups = new Dictionary<int, List<int>>();
        foreach (var i in _admitted)
        {
            if (_requests[i].Group is > 0 and var group && groups.TryGetValue(group, out var part))
            {
                part.Add(i);
                continue;
            }

            parts.Add([i]);
            if (_requests[i].Group > 0)
            {
                groups[_requests[i].Group] = parts[^1];
            }
        }

        return parts;
    }

    public JobDraft Job(int place) => _requests[place].Job;

    public bool IsCallWithGivenIds(List<int> part) => _requests[part[0]].Group > 0 && part.Exists(i => _requests[i].Job.IdGiven);

    /// <summary>Adds the statements for all that is admitted.</summary>
    public void Insert(Session session, SqlBatch batch, bool mayFail = false) => _rows.Insert(session, batch, _admitted, mayFail);

    /// <summary>The database has refused jobs that are stored or refused together.</summary>
    public void Refuse(List<int> part, Exception refused)
    {
        _ = _admitted.RemoveAll(part.Contains);
        foreach (var i in part)
        {
            var job = _requests[i].Job;
            Reports[i] = RepeatAnswer.Refused(job, StoreFaults.Refusal(refused,
                part.Count == 1 ? $"job {job.Id} of kind '{job.Kind}'" : "one of the jobs of this call (all or none)"));
        }
    }

    /// <summary>Refuses jobs that are stored or refused together if one of them cannot have the id that its caller chose. What was
    /// inserted of them is to be undone.</summary>
    public async Task<bool> RefusesTakenAsync(Session session, List<int> part)
    {
        var missing = part.FindAll(i => _requests[i].Job.IdGiven && !_rows.IsStored(_requests[i].Job.Id));
        var rows = new JobLookup();
        if (missing.Count > 0)
        {
            var batch = session.Batch();
            rows.AskGiven(batch, [.. missing.Select(i => _requests[i].Job)]);
            await batch.RunAsync();
        }

        var reasons = part.ConvertAll(i => WhyTaken(i, rows));
        if (reasons.TrueForAll(static reason => reason is null))
        {
            return false;
        }

        _ = _admitted.RemoveAll(part.Contains);
        for (var i = 0; i < part.Count; i++)
        {
            var place = part[i];
            Reports[place] = RepeatAnswer.Refused(_requests[place].Job, reasons[i] ?? StoreRules.RefusedWithAnother);

            // What an earlier call has stored under the same id stays stored.
            if (EarlierWith(place) is not { } earlier || part.Contains(earlier))
            {
                _rows.Forget(_requests[place].Job.Id);
            }
        }

        return true;
    }

    /// <summary>Why a job cannot have the id that its caller chose; null: it can.</summary>
    private string? WhyTaken(int place, JobLookup rows) => rows.WhyTaken(_requests[place].Job)
        ?? (EarlierWith(place) is { } earlier
            ? StoreRules.WhyTaken(_requests[place].Job, _requests[earlier].Job.Kind, isStep: false)
            : null);

    /// <summary>The place of an earlier job of this flush with the same id, which is stored; null: there is none.</summary>
    private int? EarlierWith(int place)
    {
        var id = _requests[place].Job.Id;
        if (!_requests[place].Job.IdGiven || !(_repeatedIds ??= RepeatedIds()).Contains(id))
        {
            return null;
        }

        for (var i = 0; i < place; i++)
        {
            if (_requests[i].Job.Id == id && Reports[i] is not { Status: EnqueueStatus.Refused })
            {
                return i;
            }
        }

        return null;
    }

    private HashSet<JobId> RepeatedIds()
    {
        var (all, repeated) = (new HashSet<JobId>(), new HashSet<JobId>());
        foreach (var request in _requests)
        {
            if (request.Job.IdGiven && !all.Add(request.Job.Id))
            {
                _ = repeated.Add(request.Job.Id);
            }
        }

        return repeated;
    }

    /// <summary>They are not stored now, and not asked about.</summary>
    public void LeaveOut(List<int> part)
    {
        _ = _admitted.RemoveAll(part.Contains);
        (_waiting ??= []).AddRange(part);
    }

    /// <summary>Within the flush, behind the inserts: notes what of it may not be stored and is not.</summary>
    /// <param name="batch">Takes the statement.</param>
    /// <param name="names">The numbers of kinds.</param>
    /// <param name="part">The flush.</param>
    /// <param name="careful">Whether the database may have refused any of them.</param>
    public void NoteUnstored(SqlBatch batch, NameTable names, FlushPart part, bool careful)
    {
        for (var i = 0; i < _requests.Count; i++)
        {
            var job = _requests[i].Job;
            var refused = Reports[i] is { Status: EnqueueStatus.Refused };
            if ((careful || refused || job.IdGiven || job.UniqueKey is not null) && _waiting?.Contains(i) != true)
            {
                (_unstored ??= new UnstoredNote(part)).Add(job, i, refused);
            }
        }

        _unstored?.Write(batch, names);
    }

    /// <summary>Notes once more, when some of it was stored after the commit.</summary>
    public void NoteUnstoredAgain(SqlBatch batch, NameTable names) => _unstored?.Write(batch, names);

    /// <summary>Answers for what was stored.</summary>
    /// <returns>The rest.</returns>
    public List<int> Answer(List<int> some)
    {
        var missing = new List<int>();
        foreach (var i in some)
        {
            var job = _requests[i].Job;
            if (!_rows.TryTake(job.Id, out var state, out var queue))
            {
                missing.Add(i);
                continue;
            }

            Reports[i] = new EnqueueReport(state == JobState.Running ? EnqueueStatus.Dispatched : EnqueueStatus.Stored, job.Id, state);
            if (state == JobState.Ready)
            {
                _ = ReadyQueues.Add(queue);
            }
        }

        return missing;
    }
}
