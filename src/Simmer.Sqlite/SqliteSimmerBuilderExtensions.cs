using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Simmer.Sqlite;

namespace Simmer;

/// <summary>Adds the SQLite store to Simmer.</summary>
public static class SqliteSimmerBuilderExtensions
{
    /// <summary>Keeps the jobs of durable queues in a SQLite file, which several processes of one machine may share. The file and its tables are made at the start.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="connectionString">A connection string of Microsoft.Data.Sqlite, such as <c>Data Source=jobs.db</c>; the file must be on a local disk.</param>
    /// <param name="configure">Changes the options; <see langword="null"/>: the defaults.</param>
    /// <returns>The same builder.</returns>
    public static SimmerBuilder UseSqlite(this SimmerBuilder builder, string connectionString, Action<SqliteStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionString);
        var options = new SqliteStoreOptions();
        configure?.Invoke(options);
        if (options.LockTimeout <= TimeSpan.Zero || !Enum.IsDefined(options.Synchronous))
        {
            throw new ArgumentException(
                $"{nameof(SqliteStoreOptions)} has {nameof(options.LockTimeout)} {options.LockTimeout} and {nameof(options.Synchronous)} {options.Synchronous}; the time must be above zero, and the other {nameof(SqliteSynchronous.Full)} or {nameof(SqliteSynchronous.Normal)}.",
                nameof(configure));
        }

        return builder.UseStore("sqlite", services =>
            new SqliteJobStore(connectionString, options, services.GetService<ILoggerFactory>()?.CreateLogger("Simmer.Sqlite") ?? NullLogger.Instance));
    }
}
