using System.Globalization;
using Npgsql;
using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>The time by which a store writes and judges: the server's, as this process knows it or asks for it. The conformance suite
/// gives its own times (<see cref="LeaseClock.Caller"/>).</summary>
/// <param name="leaseClock">Whose clock counts.</param>
/// <param name="texts">The schema.</param>
/// <param name="timeout">How long the server may take to answer with its time.</param>
/// <param name="clock">Carries the server's time on between two readings.</param>
internal sealed class StoreTime(LeaseClock leaseClock, SqlTexts texts, TimeSpan timeout, TimeProvider clock)
{
    /// <summary>The server's time in ticks of 100 ns since 1970.</summary>
    public const string NowSql = "SELECT (extract(epoch FROM clock_timestamp()) * 10000000)::bigint";

    private readonly ServerClock _known = new(clock);

    /// <summary>Whether the caller's times count, not the server's.</summary>
    public bool IsCallers => leaseClock == LeaseClock.Caller;

    /// <summary>The server's clock as SQL, in ticks of 100 ns since 1970, unless the parameter with this number gives the time.</summary>
    public static string LeaseClockSql(int parameter) =>
        string.Create(CultureInfo.InvariantCulture,
            $"coalesce(${parameter}::bigint, (extract(epoch FROM clock_timestamp()) * 10000000)::bigint)");

    /// <summary>The parameter of <see cref="LeaseClockSql"/>: null for the server's own time.</summary>
    public long? LeaseTime(DateTimeOffset now) => IsCallers ? DbTime.Of(now) : null;

    /// <summary>The server's time, if it is known well enough without asking.</summary>
    public bool TryNow(out DateTimeOffset now) => _known.TryNow(out now);

    /// <summary>An answer told the server's time.</summary>
    /// <param name="theirs">The server's time.</param>
    /// <param name="sent">When it was asked, on the monotonic clock.</param>
    /// <returns>The server's time now.</returns>
    public DateTimeOffset Heard(DateTimeOffset theirs, long sent) => _known.Heard(theirs, sent);

    /// <summary>The present time: the server's, as it is known or asked for where it is not.</summary>
    /// <param name="connection">Where the server is asked.</param>
    /// <param name="now">The caller's time.</param>
    /// <param name="fresh">Whether the server is asked in any case.</param>
    public ValueTask<DateTimeOffset> NowAsync(NpgsqlConnection connection, DateTimeOffset now, bool fresh = false) =>
        IsCallers ? new(now) : !fresh && _known.TryNow(out var known) ? new(known) : AskAsync(connection);

    /// <summary>The present time, for a verb that answers with times by its caller's clock. The session learns how far the server's clock
    /// is ahead of it. The caller read its clock before the verb waited for its turn and for a connection.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="now">The caller's time.</param>
    /// <param name="asked">When the verb was called, on the monotonic clock.</param>
    /// <param name="fresh">Whether the server is asked in any case.</param>
    public async ValueTask<DateTimeOffset> NowAsync(Session session, DateTimeOffset now, long asked, bool fresh = false)
    {
        var at = await NowAsync(session.Connection, now, fresh);
        session.Ahead = Ahead(at, now, asked);
        return at;
    }

    /// <summary>How far the server's clock is ahead of the caller's.</summary>
    /// <param name="at">The server's time now.</param>
    /// <param name="now">The caller's time when the verb was called.</param>
    /// <param name="asked">When that was, on the monotonic clock.</param>
    public TimeSpan Ahead(DateTimeOffset at, DateTimeOffset now, long asked) =>
        IsCallers ? TimeSpan.Zero : at - now - clock.GetElapsedTime(asked);

    private async ValueTask<DateTimeOffset> AskAsync(NpgsqlConnection connection)
    {
        var sent = clock.GetTimestamp();
        var theirs = default(DateTimeOffset);
        await new SqlBatch(connection, texts, timeout).Add(NowSql).Each(row => theirs = row.Time(0)).RunAsync();
        return _known.Heard(theirs, sent);
    }
}
