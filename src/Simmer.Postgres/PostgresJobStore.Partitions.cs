using System.Data;
using System.Globalization;
using Npgsql;
using Simmer.Storage;

namespace Simmer.Postgres;

internal sealed partial class PostgresJobStore
{
    /// <summary>Up to how many rows a partition whose day is not over is pruned row by row; larger ones are left until they can be
    /// dropped.</summary>
    private const long SmallPartition = 20_000;

    /// <summary>How long a change of the partitions waits for whoever reads the history: every settlement waits behind it.</summary>
    private static readonly TimeSpan s_partitionLockTimeout = TimeSpan.FromMilliseconds(50);

    // reltuples is -1 as long as nobody has counted; then the size on disk is a good enough guess.
    private const string PartitionsSql = """
        SELECT c.relname, CASE WHEN c.reltuples > 0 THEN c.reltuples ELSE pg_relation_size(c.oid) / 300 END::bigint
        FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = to_regclass('simmer.history') ORDER BY c.relname
        """;

    private const string NowSql = "SELECT (extract(epoch FROM clock_timestamp()) * 10000000)::bigint";
    private const string PartitionLockSql = "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))";

    private const string MakePartitionSql = """
        CREATE TABLE simmer.{0} (LIKE simmer.history INCLUDING DEFAULTS INCLUDING CONSTRAINTS)
        """;

    private const string MoveToPartitionSql =
        "WITH moved AS (DELETE FROM simmer.history_later WHERE keep_until >= {1} AND keep_until < {2} RETURNING *) INSERT INTO "
            + "simmer.{0} SELECT * FROM moved";
    private const string AttachPartitionSql = "ALTER TABLE simmer.history ATTACH PARTITION simmer.{0} FOR VALUES FROM ({1}) TO ({2})";
    private const string DropPartitionSql = "DROP TABLE simmer.{0}";
    private const string DropErrorsOfPartitionSql = "DELETE FROM simmer.error e USING simmer.{0} h WHERE h.errors > 0 AND e.job = h.id";

    private DateOnly _partitionsMade;

    /// <summary>The partitions whose change the database has refused; used by one caller at a time.</summary>
    private readonly HashSet<string> _partitionsRefused = new(StringComparer.Ordinal);

    /// <summary>Whether a day that is over could not be dropped, because a reader was in the way.</summary>
    private volatile bool _dropsLeft;

    /// <summary>Makes the partitions of the days ahead, by the server's clock, and drops those whose day is over.</summary>
    /// <param name="now">The caller's time, where days are over by that; null: nothing is dropped.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>About how many rows were dropped, and the partitions that are to be pruned row by row.</returns>
    private async ValueTask<(long Dropped, List<string> Small)> KeepPartitionsAsync(DateTimeOffset? now,
        CancellationToken cancellationToken) =>
        await _side.RunAsync(async connection =>
        {
            var session = SessionOn(connection, weight: 30_000);
            var today = default(DateOnly);
            var present = new Dictionary<string, long>(StringComparer.Ordinal);
            await session.Batch()
                .Add(NowSql).Each(row => today = DateOnly.FromDateTime(row.Time(0).UtcDateTime))
                .Add(PartitionsSql).Each(row => present[row.GetString(0)] = row.GetInt64(1)).RunAsync();
            var serverDay = today;
            if (_options.Migrate && _partitionsMade != today)
            {
                for (var day = today; day <= today.AddDays(_options.PartitionDays); day = day.AddDays(1))
                {
                    if (!present.ContainsKey(PartitionOf(day)) && !await TryChangeAsync(session, PartitionOf(day), MakeSql(day)))
                    {
                        today = default;
                        break;
                    }
                }

                _partitionsMade = today;
            }

            if (now is not { } time)
            {
                return (0, []);
            }

            var over = _options.LeaseClock == LeaseClock.Caller ? DateOnly.FromDateTime(time.UtcDateTime) : serverDay;
            var dropped = await DropPartitionsAsync(session, present, over);
            return (dropped, SmallPartitions(present, over));
        }, cancellationToken);

    private static string[] MakeSql(DateOnly day)
    {
        var (from, to) = (StartOf(day), StartOf(day.AddDays(1)));
        return [.. new[] { MakePartitionSql, MoveToPartitionSql, AttachPartitionSql }
            .Select(sql => string.Format(CultureInfo.InvariantCulture, sql, PartitionOf(day), from, to))];
    }

    private async Task<long> DropPartitionsAsync(Session session, Dictionary<string, long> present, DateOnly today)
    {
        var dropped = 0L;
        _dropsLeft = false;
        foreach (var (name, rows) in present.Where(p => DayOf(p.Key) < today).ToList())
        {
            if (await TryChangeAsync(session, name,
                [.. new[] { DropErrorsOfPartitionSql, DropPartitionSql }
                .Select(sql => string.Format(CultureInfo.InvariantCulture, sql, name))]))
            {
                dropped += rows;
                _ = present.Remove(name);
                Log.PartitionDropped(_logger, name, rows);
            }
            else
            {
                _dropsLeft = true;
            }
        }

        return dropped;
    }

    /// <summary>Changes a partition, unless somebody else is at it, a reader is in the way, or the database refuses it: then it is tried
    /// again at the next pruning.</summary>
    private async Task<bool> TryChangeAsync(Session session, string name, string[] statements)
    {
        var mine = false;
        try
        {
            await Session.Begin(session.Batch(), s_partitionLockTimeout).Add(PartitionLockSql).Bind($"{_options.Schema}.{name}")
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
            Log.PartitionInUse(_logger, name, busy.MessageText);
        }
        catch (PostgresException refused) when (refused.IsAboutOneOperation() && session.Connection.State == ConnectionState.Open)
        {
            WarnOfPartition(name, refused);
        }

        await session.RollBackAsync();
        return false;
    }

    /// <summary>Says once of each partition that the database refuses its change. A role that does not own the tables has been told so at
    /// the start.</summary>
    private void WarnOfPartition(string name, PostgresException refused)
    {
        var known = refused.SqlState == PostgresErrorCodes.InsufficientPrivilege && !_vacuuming.IsAllowed;
        if (_partitionsRefused.Add(name) && !known)
        {
            Log.PartitionRefused(_logger, _database.Server, name, refused.MessageText, refused.SqlState);
        }
    }

    /// <summary>Partitions that are pruned row by row: what is due in them goes at its time. A large one goes whole when its day is over,
    /// up to a day later, and costs nothing until then.</summary>
    private static List<string> SmallPartitions(Dictionary<string, long> present, DateOnly today) =>
        [.. present.Where(p => p.Key == "history_later" || (DayOf(p.Key) <= today && p.Value <= SmallPartition)).Select(static p => p.Key)
            .Order(StringComparer.Ordinal)];

    private static string PartitionOf(DateOnly day) => string.Create(CultureInfo.InvariantCulture, $"history_{day:yyyyMMdd}");

    private static DateOnly? DayOf(string partition) =>
        DateOnly.TryParseExact(partition.AsSpan(partition.IndexOf('_') + 1), "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None,
            out var day) ? day : null;

    private static long StartOf(DateOnly day) => DbTime.Of(new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero));
}
