using System.Data.Common;
using System.Globalization;
using System.Transactions;
using Npgsql;

namespace Simmer.Postgres;

/// <summary>The database: where it is, and whose connections are used.</summary>
internal sealed class PostgresDatabase : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source;
    private readonly bool _owns;

    /// <summary>With connections of the store's own: no other code can use them up.</summary>
    public PostgresDatabase(string connectionString)
    {
        NpgsqlConnectionStringBuilder builder;
        try
        {
            builder = new NpgsqlConnectionStringBuilder(connectionString);
        }
        catch (ArgumentException e)
        {
            throw new ArgumentException(
                $"The connection string cannot be used: {WhyNot(connectionString)}. Write it like "
                + "\"Host=localhost;Database=shop;Username=shop;Password=...\".", nameof(connectionString), e);
        }

        if (string.IsNullOrEmpty(builder.Host))
        {
            throw new ArgumentException(
                "The connection string names no Host. Write it like \"Host=localhost;Database=shop;Username=shop;Password=...\".",
                nameof(connectionString));
        }

        builder.ApplicationName ??= "simmer";
        builder.MaxPoolSize = MaxConnections;
        builder.MinPoolSize = 0;

        // The store's transactions need a connection for themselves.
        builder.Multiplexing = false;

        // A caller's TransactionScope must not take in the store's connections, which all callers share.
        builder.Enlist = false;

        // The operating system asks as well, at its own pace, whether a connection was cut without notice.
        builder.TcpKeepAlive = true;
        _source = NpgsqlDataSource.Create(builder);
        _owns = true;
        (Server, Name) = (Address(builder), builder.Database ?? builder.Username ?? "");
    }

    /// <summary>With the application's own.</summary>
    public PostgresDatabase(NpgsqlDataSource source)
    {
        _source = source;
        var builder = new NpgsqlConnectionStringBuilder(source.ConnectionString);
        if (builder.Multiplexing)
        {
            throw new ArgumentException(
                "The data source multiplexes (Multiplexing=true): its commands share connections, and the store needs connections for "
                    + "its transactions and to listen. Give UsePostgres the connection string, or a data source without Multiplexing.",
                nameof(source));
        }

        (Server, Name, SharedPool) =
            (Address(builder), builder.Database ?? builder.Username ?? "", builder.Pooling ? builder.MaxPoolSize : null);
        ResetsSessions = !builder.NoResetOnClose;
    }

    /// <summary>How many connections the store has at most: one each for the flush, the heartbeat, everything that is written beside them
    /// and what is read, one that listens, and one for the moments of a vacuum.</summary>
    public const int MaxConnections = 6;

    /// <summary>Opens a connection of the store's, never as part of the caller's System.Transactions transaction: an application's data
    /// source enlists what is opened inside one, and the store's work would then be rolled back with it, or abort it.</summary>
    public ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        if (_owns)
        {
            return _source.OpenConnectionAsync(cancellationToken);
        }

        // Npgsql looks at the ambient transaction before it first waits, so the scope need not outlast this call; and it is disposed on the
        // thread that made it.
        using var outside = new TransactionScope(TransactionScopeOption.Suppress, TransactionScopeAsyncFlowOption.Enabled);
        return _source.OpenConnectionAsync(cancellationToken);
    }

    /// <summary>Opens a connection of the store's on the calling thread.</summary>
    public NpgsqlConnection Open()
    {
        // A thread of the store must not keep the ambient values of the caller that starts it.
        using var outside = _owns ? null : new TransactionScope(TransactionScopeOption.Suppress, TransactionScopeAsyncFlowOption.Enabled);
        return _source.OpenConnection();
    }

    /// <summary>The server and the database, for messages: no user, no password.</summary>
    public string Server { get; }

    /// <summary>The database's name.</summary>
    public string Name { get; }

    /// <summary>Whether settings of a session end with it: else another user of the pool would inherit them.</summary>
    public bool ResetsSessions { get; } = true;

    /// <summary>How many connections the pool has that the store shares with the application; null: it has its own.</summary>
    public int? SharedPool { get; }

    public ValueTask DisposeAsync() => _owns ? _source.DisposeAsync() : ValueTask.CompletedTask;

    /// <summary>What is wrong with a connection string, without its values, because one of them is the password.</summary>
    private static string WhyNot(string connectionString)
    {
        var parts = new DbConnectionStringBuilder();
        try
        {
            parts.ConnectionString = connectionString;
        }
        catch (ArgumentException)
        {
            return "it does not consist of 'Key=Value' parts with semicolons between them";
        }

        foreach (string key in parts.Keys)
        {
            try
            {
                _ = new NpgsqlConnectionStringBuilder { [key] = parts[key] };
            }
            catch (Exception e) when (e is ArgumentException or KeyNotFoundException or FormatException or InvalidCastException)
            {
                return new NpgsqlConnectionStringBuilder().ContainsKey(key)
                    ? $"'{key}' does not take the value that it is given"
                    : $"'{key}' is no key that Npgsql knows";
            }
        }

        return "Npgsql does not take it";
    }

    private static string Address(NpgsqlConnectionStringBuilder builder) =>
        string.Create(CultureInfo.InvariantCulture, $"{builder.Host}:{builder.Port}/{builder.Database ?? builder.Username}");
}
