using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Sqlite;

/// <summary>Finds the ready jobs that a claim takes first. Used by the writer only.</summary>
internal sealed class BestRows
{
    private const string Order = "ORDER BY priority DESC, seq LIMIT ?2";
    private const string ButThose = "kind NOT IN (SELECT value FROM json_each(?3)) AND seq NOT IN (SELECT value FROM json_each(?4))";

    private static readonly Sql s_ready =
        new($"SELECT {JobColumns.Claimed} FROM simmer_job WHERE queue = ?1 AND state = {JobStates.Ready} {Order}");

    private static readonly Sql s_readyOfKinds =
        new($"SELECT {JobColumns.Claimed} FROM simmer_job WHERE queue = ?1 AND state = {JobStates.Ready} AND {ButThose} {Order}");

    private static readonly Sql s_suspects =
        new($"SELECT {JobColumns.Claimed} FROM simmer_job WHERE queue = ?1 AND state = {JobStates.ReadySuspect} AND {ButThose} {Order}");

    // Kept from claim to claim, and empty between them.
    private readonly List<ClaimRow> _rows = [];

    /// <summary>The best rows of a queue. The suspects among them are in their places, as many as there is room for. The list is valid
    /// until the next call.</summary>
    public List<ClaimRow> Read(SqliteSession session, long queue, int count, ref int suspects, ClaimBatch claims)
    {
        _rows.Clear();
        var (unknown, avoided) = (claims.UnknownKinds, claims.Avoided);
        var statement = unknown is null && avoided is null
            ? session[s_ready]
            : session[s_readyOfKinds].Bind(3, unknown ?? "[]").Bind(4, avoided ?? "[]");
        ClaimReader.ReadAll(session, statement.Bind(1, queue).Bind(2, count), _rows);
        if (suspects <= 0)
        {
            return _rows;
        }

        var before = _rows.Count;
        ClaimReader.ReadAll(session,
            session[s_suspects].Bind(1, queue).Bind(2, suspects).Bind(3, unknown ?? "[]").Bind(4, avoided ?? "[]"), _rows);
        if (_rows.Count > before)
        {
            _rows.Sort(static (a, b) => a.Draft.Priority != b.Draft.Priority
                ? b.Draft.Priority.CompareTo(a.Draft.Priority)
                : a.Seq.CompareTo(b.Seq));
            KeepThoseWithRoom(count, ref suspects, claims);
        }

        return _rows;
    }

    /// <summary>Lets go of the rows.</summary>
    public void Clear() => _rows.Clear();

    private void KeepThoseWithRoom(int count, ref int suspects, ClaimBatch claims)
    {
        var kept = 0;
        var pick = new SuspectPick(claims.Room, suspects);
        for (var i = 0; i < _rows.Count && kept < count; i++)
        {
            if (pick.Takes(_rows[i].Suspicion))
            {
                _rows[kept++] = _rows[i];
            }
        }

        (claims.Room, suspects) = (pick.Room, pick.Left);
        _rows.RemoveRange(kept, _rows.Count - kept);
    }
}
