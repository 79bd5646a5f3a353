using System.Data;
using Npgsql;

namespace Simmer.Postgres;

/// <summary>Makes the partitions of the history days ahead, and drops those whose day is over.</summary>
/// <param name="context">What the rooms share.</param>
/// <param name="side">The connection of upkeep.</param>
internal sealed class PostgresPartitions(PostgresContext context, StoreConnection side)
{
    /// <summary>Up to how many rows a partition whose day is not over is pruned row by row; larger ones are left until they can be
    /// dropped.</summary>
    private const long SmallPartition = 20_000;

    // reltuples is -1 until the table has been analysed; then the size on disk is a good enough estimate.
    private const string PartitionsSql = """
        SELECT c.relname, CASE WHEN c.reltuples > 0 THEN c.reltuples ELSE pg_relation_size(c.oid) / 300 END::bigint
        FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = to_regclass('simmer.history') ORDER BY c.relname
        """;

    private const string LockSql = "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))";

    /// <summary>The partitions whose change the database has refused; used by one caller at a time.</summary>
    private readonly HashSet<string> _refused = new(StringComparer.Ordinal);

    /// <summary>The day on which the partitions of the days ahead were made.</summary>
    private DateOnly _made;

    /// <summary>Whether a day that is over could not be dropped, because a reader was in the way.</summary>
    private volatile bool _dropsLeft;

    /// <summary>Whether there is something to make or to drop on a day, as far as this process knows.</summary>
    public bool HaveWork(DateOnly today) => _dropsLeft || (context.Options.Migrate && _made != today);

    /// <summary>The tables were made anew: the partitions of the days ahead are to be made again.</summary>
    public void Forget() => _made = default;

    /// <summary>Makes the partitions of the days ahead, by the server's clock, and drops those whose day is over.</summary>
    /// <param name="now">The caller's time, where days are over by that; null: nothing is dropped.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>About how many rows were dropped, and the partitions that are to be pruned row by row.</returns>
    public async ValueTask<(long Dropped, List<string> Small)> KeepAsync(DateTimeOffset? now, CancellationToken cancellationToken) =>
        await side.RunAsync(async connection =>
        {
            var session = context.SessionOn(connection, weight: 30_000);
            var today = default(DateOnly);
            var present = new Dictionary<string, long>(StringComparer.Ordinal);
            await session.Batch()
                .Add(StoreTime.NowSql).Each(row => today = DateOnly.FromDateTime(row.Time(0).UtcDateTime))
                .Add(PartitionsSql).Each(row => present[row.GetString(0)] = row.GetInt64(1)).RunAsync();
            if (context.Options.Migrate && _made != today)
            {
                _made = await MakeAsync(session, present, today) ? today : default;
            }

            if (now is not { } time)
            {
                return (0, []);
            }

            var over = context.Time.IsCallers ? DateOnly.FromDateTime(time.UtcDateTime) : today;
            var dropped = await DropAsync(session, present, over);
            return (dropped, SmallOnes(present, over));
        }, cancellationToken);

    /// <summary>Makes what is missing of the days ahead.</summary>
    /// <returns>Whether nothing is missing any more.</returns>
    private async Task<bool> MakeAsync(Session session, Dictionary<string, long> present, DateOnly today)
    {
        for (var day = today; day <= today.AddDays(context.Options.PartitionDays); day = day.AddDays(1))
        {
            var name = HistoryPartition.NameOf(day);
            if (!present.ContainsKey(name) && !await TryChangeAsync(session, name, HistoryPartition.Make(day)))
            {
                return false;
            }
        }

        return true;
    }

    private async Task<long> DropAsync(Session session, Dictionary<string, long> present, DateOnly today)
    {
        var dropped = 0L;
        _dropsLeft = false;
        foreach (var (name, rows) in present.Where(p => HistoryPartition.DayOf(p.Key) < today).ToList())
        {
            if (await TryChangeAsync(session, name, HistoryPartition.Drop(name)))
            {
                dropped += rows;
                _ = present.Remove(name);
                Log.PartitionDropped(context.Logger, name, rows);
            }
            else
            {
                _dropsLeft = true;
            }
        }

        return dropped;
    }

    /// <summary>Changes a partition, unless another process does, a reader is in the way, or the database refuses it; then it is tried
    /// again at the next pruning. It waits for readers for a moment only, because every settlement waits behind it.</summary>
    private async Task<bool> TryChangeAsync(Session session, string name, string[] statements)
    {
        var mine = false;
        try
        {
            await Session.Begin(session.Batch(), Session.ShortLockTimeout).Add(LockSql).Bind($"{context.Options.Schema}.{name}")
                .Each(row => mine = row.GetBoolean(0)).RunAsync();
            if (mine)
            {
                var batch = session.Batch();
                foreach (var statement in statements)
                {
                    _ = batch.Add(statement);
                }

                await batch.Add("COMMIT").RunAsync();
                return true;
            }
        }
        catch (PostgresException busy) when (busy.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            Log.PartitionInUse(context.Logger, name, busy.MessageText);
        }
        catch (PostgresException refused) when (refused.IsAboutOneOperation() && session.Connection.State == ConnectionState.Open)
        {
            Warn(name, refused);
        }

        await session.RollBackAsync();
        return false;
    }

    /// <summary>Logs once for each partition that the database refuses its change. A role that does not own the tables was told so at the
    /// start.</summary>
    private void Warn(string name, PostgresException refused)
    {
        var known = refused.SqlState == PostgresErrorCodes.InsufficientPrivilege && !context.Facts.OwnsTables;
        if (_refused.Add(name) && !known)
        {
            Log.PartitionRefused(context.Logger, context.Database.Server, name, refused.MessageText, refused.SqlState);
        }
    }

    /// <summary>Partitions that are pruned row by row: what is due in them goes at its time. A large one goes whole when its day is over,
    /// up to a day later, and costs nothing until then.</summary>
    private static List<string> SmallOnes(Dictionary<string, long> present, DateOnly today) =>
        [.. present
            .Where(p => p.Key == HistoryPartition.Default || (HistoryPartition.DayOf(p.Key) <= today && p.Value <= SmallPartition))
            .Select(static p => p.Key).Order(StringComparer.Ordinal)];
}
