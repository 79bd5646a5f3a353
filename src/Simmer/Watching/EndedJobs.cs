using Simmer.Storage;

namespace Simmer.Watching;

/// <summary>How jobs ended lately whose records are not kept: the store cannot tell those who wait in this process. Only an answer of the
/// store that knows nothing of a job makes it look here.</summary>
/// <remarks>Successes are many and say nothing but that: a ring of their ids costs a few nanoseconds each.</remarks>
internal sealed class EndedJobs
{
    private const int Successes = 4096;
    private const int Others = 256;

    private readonly Lock _gate = new();
    private readonly Dictionary<JobId, JobRecord> _others = [];
    private readonly Queue<JobId> _order = new();
    private readonly Dictionary<JobId, string> _cancelReasons = [];
    private readonly Queue<JobId> _cancelReasonOrder = new();
    private JobId[]? _succeeded;
    private int _next;

    /// <summary>Notes the successes of a flush that are not kept.</summary>
    public void Note(IReadOnlyList<Settlement> settlements, IReadOnlyList<SettleReport> answers)
    {
        var first = 0;
        while (first < settlements.Count && !IsLost(settlements[first]))
        {
            first++;
        }

        if (first == settlements.Count)
        {
            return;
        }

        lock (_gate)
        {
            for (var i = first; i < settlements.Count; i++)
            {
                if (IsLost(settlements[i]) && answers[i] is { Settled: true, State: JobState.Succeeded })
                {
                    Note(settlements[i].Token.Id);
                }
            }
        }
    }

    /// <summary>Notes one success that is not kept.</summary>
    public void Succeeded(Settlement settlement)
    {
        if (IsLost(settlement))
        {
            lock (_gate)
            {
                Note(settlement.Token.Id);
            }
        }
    }

    /// <summary>Notes how a job ended otherwise. It may be said before the store has it: as long as that knows the job, nobody asks
    /// here.</summary>
    public void Add(JobRecord end)
    {
        lock (_gate)
        {
            if (_others.TryAdd(end.Id, end))
            {
                _order.Enqueue(end.Id);
                if (_order.Count > Others)
                {
                    _ = _others.Remove(_order.Dequeue());
                }
            }
            else
            {
                _others[end.Id] = end;
            }
        }
    }

    /// <summary>Notes why a running job is to be cancelled.</summary>
    public void NoteCancelReason(JobId id, string reason)
    {
        lock (_gate)
        {
            if (_cancelReasons.TryAdd(id, reason))
            {
                _cancelReasonOrder.Enqueue(id);
                if (_cancelReasonOrder.Count > Others)
                {
                    _ = _cancelReasons.Remove(_cancelReasonOrder.Dequeue());
                }
            }
        }
    }

    /// <summary>How a job ended that the store does not know; null: not known here either.</summary>
    public JobRecord? Find(JobId id)
    {
        lock (_gate)
        {
            if (_others.TryGetValue(id, out var end))
            {
                return end.State == JobState.Cancelled && end.Reason is null && _cancelReasons.TryGetValue(id, out var reason)
                    ? end with { Reason = reason }
                    : end;
            }

            return _succeeded is not null && id != default && Array.IndexOf(_succeeded, id) >= 0
                ? new JobRecord { Id = id, Kind = "", Queue = "", State = JobState.Succeeded }
                : null;
        }
    }

    private static bool IsLost(Settlement settlement) =>
        settlement.State == JobState.Succeeded && settlement.KeepFor <= TimeSpan.Zero && settlement.Step is null;

    private void Note(JobId id)
    {
        _succeeded ??= new JobId[Successes];
        _succeeded[_next] = id;
        _next = (_next + 1) % Successes;
        if (_others.Count > 0)
        {
            // The id was given once more.
            _ = _others.Remove(id);
        }
    }
}
