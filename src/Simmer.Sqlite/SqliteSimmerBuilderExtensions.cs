using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Simmer;
using Simmer.Diagnostics;
using Simmer.Hosting;
using Simmer.Sqlite;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Keeps jobs in a SQLite file.</summary>
public static class SqliteSimmerBuilderExtensions
{
    private const string Section = "Simmer:Sqlite";

    /// <summary>Keeps durable jobs in a SQLite file, which several processes of one machine may share. The configuration overrules the
    /// code: the connection string by <c>Simmer:Sqlite:ConnectionString</c>, else by <c>ConnectionStrings:Simmer</c>, and the options by
    /// <c>Simmer:Sqlite:Synchronous</c> and <c>Simmer:Sqlite:LockTimeout</c>. Which connection string is used is logged at start.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="connectionString">A connection string of Microsoft.Data.Sqlite, such as <c>Data Source=app.db</c>; the file is made if
    /// it is missing.</param>
    /// <param name="configure">Sets options.</param>
    /// <returns>The builder.</returns>
    public static SimmerBuilder UseSqlite(this SimmerBuilder builder, string connectionString, Action<SqliteStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        return Use(builder, connectionString, configure);
    }

    /// <summary>Keeps durable jobs in a SQLite file that the configuration names: by <c>Simmer:Sqlite:ConnectionString</c>, else by
    /// <c>ConnectionStrings:Simmer</c>. Without either the process does not start.</summary>
    /// <inheritdoc cref="UseSqlite(SimmerBuilder, string, Action{SqliteStoreOptions})"/>
    public static SimmerBuilder UseSqlite(this SimmerBuilder builder, Action<SqliteStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return Use(builder, null, configure);
    }

    private static SimmerBuilder Use(SimmerBuilder builder, string? connectionString, Action<SqliteStoreOptions>? configure)
    {
        builder.AddStoreOptions<SqliteStoreOptions>(Section, configure, Read, Check);
        builder.Setup.Checks.Add((services, problems) =>
        {
            if (Connection(services, connectionString).Value is null)
            {
                problems.Add(StoreConnectionString.WayOut(Section, "UseSqlite"));
            }
        });
        return builder.UseStore("sqlite", services =>
        {
            var connection = Connection(services, connectionString);
            var logger = GuardedLogger.For(services, "Simmer.Sqlite");
            logger.ConnectionFrom("sqlite", connection.From, connection.Overruled ?? "nothing");
            return new SqliteJobStore(connection.Value!, services.GetRequiredService<IOptions<SqliteStoreOptions>>().Value, logger);
        });
    }

    private static StoreConnectionString Connection(IServiceProvider services, string? inCode) =>
        StoreConnectionString.Find(services.GetService<IConfiguration>(), Section, inCode, "the argument of UseSqlite");

    private static void Read(ConfigurationReader reader, IConfigurationSection section, SqliteStoreOptions options) => reader.Read(section,
        new()
        {
            ["ConnectionString"] = s => reader.Text(s, static _ => { }),
            [nameof(options.Synchronous)] = s => reader.Enumeration<SqliteSynchronous>(s, v => options.Synchronous = v),
            [nameof(options.LockTimeout)] = s => reader.Time(s, v => options.LockTimeout = v),
        });

    private static void Check(SqliteStoreOptions options, List<string> problems)
    {
        if (!Enum.IsDefined(options.Synchronous))
        {
            problems.Add($"The {nameof(options.Synchronous)} of UseSqlite is {options.Synchronous}; it takes Full or Normal.");
        }

        if (StoreSetup.WhyNotTime("UseSqlite", nameof(options.LockTimeout), options.LockTimeout) is { } why)
        {
            problems.Add(why);
        }
    }
}
