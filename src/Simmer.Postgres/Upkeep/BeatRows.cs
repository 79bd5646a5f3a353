using Npgsql;
using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>Reads the rows that answer a beat: the worker itself, cancels, ready queues and the other workers.</summary>
/// <param name="names">Learns the numbers of queues.</param>
internal sealed class BeatRows(NameTable names)
{
    private readonly List<LeaseToken> _cancels = [];
    private readonly List<string> _ready = [];
    private readonly List<(WorkerId Id, long Beats, long BeatAt, TimeSpan? Lease)> _others = [];
    private readonly SortedSet<string> _idle = new(StringComparer.Ordinal);
    private DateTimeOffset? _nextDue;

    public bool IsAlive { get; private set; }

    public long At { get; private set; }

    /// <summary>Whether the time is the server's own.</summary>
    public bool IsServers { get; set; }

    /// <summary>How far the server's clock is ahead of the caller's.</summary>
    public TimeSpan Ahead { get; set; }

    public bool HasSuspects { get; private set; }

    public bool HasOthers => _others.Count > 0;

    public void Read(NpgsqlDataReader row)
    {
        switch (row.GetInt32(0))
        {
            case 0:
                (IsAlive, At, _nextDue, HasSuspects) =
                    (true, row.GetInt64(1), row.IsDBNull(3) ? null : DbTime.Clamped(row.GetInt64(3)), row.GetBoolean(6));
                break;
            case 1:
                _cancels.Add(new LeaseToken(row.Id(5), (int)row.GetInt64(1)));
                break;
            case 2:
                // Another process may have been the first to use it: nothing is claimed of a queue without a number.
                names.LearnQueue((int)row.GetInt64(1), row.GetString(4));
                _ready.Add(row.GetString(4));
                break;
            default:
                _others.Add((new WorkerId(row.GetInt64(1)), row.GetInt64(2), row.GetInt64(3), WorkerNumbers.Lease(row.LongOrNull(7))));
                _idle.UnionWith(JsonList.ReadOrNothing(row.TextOrNull(4)));
                break;
        }
    }

    public BeatReport Report() => !IsAlive ? new BeatReport { Alive = false } : new BeatReport
    {
        Alive = true,
        Cancels = _cancels,
        ReadyQueues = _ready,
        IdleElsewhere = [.. _idle],
        Others = _others.ConvertAll(o => new OtherWorker(o.Id, o.Beats, WorkerNumbers.BeatAge(o.BeatAt, At), o.Lease)),
        NextDue = CallerTime.Of(_nextDue, Ahead),
        Time = IsServers ? DbTime.From(At) : null,
    };
}
