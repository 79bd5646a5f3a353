namespace Simmer.Postgres;

/// <summary>How a process learns at once of what others have stored; a poll runs underneath in any case.</summary>
public enum PostgresWakeup
{
    /// <summary>By LISTEN on a connection of its own. Needs sessions: a direct connection or a pooler in session mode. When it is cut, the
    /// poll carries on until it is back.</summary>
    Listen,

    /// <summary>Only by polling, at <see cref="SimmerOptions.PollInterval"/> at the latest: for a pooler in transaction mode, such as
    /// PgBouncer's. No connection is kept for listening, and nothing is notified.</summary>
    Poll,
}
