using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Npgsql;
using Simmer;
using Simmer.Diagnostics;
using Simmer.Hosting;
using Simmer.Postgres;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Keeps jobs in PostgreSQL.</summary>
public static class PostgresSimmerBuilderExtensions
{
    private const string Section = "Simmer:Postgres";

    /// <summary>Keeps durable jobs in PostgreSQL, on connections of the store's own: at most 4, and one that listens. The configuration
    /// overrules the code: the connection string by <c>Simmer:Postgres:ConnectionString</c> (or <c>Simmer:Postgres</c> itself), else by
    /// <c>ConnectionStrings:Simmer</c>, and the options by <c>Simmer:Postgres:Schema</c>, <c>Migrate</c>, <c>Wakeup</c>,
    /// <c>LockTimeout</c>, <c>CommandTimeout</c> and <c>ClockSkewWarning</c>. Which connection string is used is logged at start.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="connectionString">A connection string of Npgsql, such as <c>Host=localhost;Database=shop;Username=shop</c>.</param>
    /// <param name="configure">Sets options.</param>
    /// <returns>The builder.</returns>
    public static SimmerBuilder UsePostgres(this SimmerBuilder builder, string connectionString,
        Action<PostgresStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        return Use(builder, configure, services => new PostgresDatabase(Told(services, Connection(services, connectionString)).Value!));
    }

    /// <summary>Keeps durable jobs in PostgreSQL, on connections of the application's data source. The configuration's options overrule the
    /// code; its connection strings do not, which the log says if there are any.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="source">The data source; the store takes at most 5 of its connections and does not dispose it.</param>
    /// <param name="configure">Sets options.</param>
    /// <returns>The builder.</returns>
    public static SimmerBuilder UsePostgres(this SimmerBuilder builder, NpgsqlDataSource source,
        Action<PostgresStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(source);
        return Use(builder, configure, services =>
        {
            _ = Told(services, new StoreConnectionString(null, "the data source that is given to UsePostgres",
                StoreConnectionString.SetKeys(services.GetService<IConfiguration>(), Section)));
            return new PostgresDatabase(source);
        });
    }

    /// <summary>Keeps durable jobs in PostgreSQL, where the configuration says: <c>Simmer:Postgres:ConnectionString</c> (or
    /// <c>Simmer:Postgres</c> itself; on the command line <c>--Simmer:Postgres="Host=..."</c>, in the environment
    /// <c>Simmer__Postgres</c>), else <c>ConnectionStrings:Simmer</c>; the store's connections are its own then. Without these keys it
    /// takes connections of the <see cref="NpgsqlDataSource"/> that is registered as a service, as by <c>AddNpgsqlDataSource</c>; without
    /// that the process does not start.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Sets options.</param>
    /// <returns>The builder.</returns>
    public static SimmerBuilder UsePostgres(this SimmerBuilder builder, Action<PostgresStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Setup.Checks.Add(static (services, problems) =>
        {
            if (Connection(services, null).Value is null && services.GetService<NpgsqlDataSource>() is null)
            {
                problems.Add(StoreConnectionString.WayOut(Section, "UsePostgres") + " Or register an NpgsqlDataSource as a service.");
            }
        });
        return Use(builder, configure, static services =>
        {
            var connection = Told(services, Connection(services, null));
            return connection.Value is { } configured
                ? new PostgresDatabase(configured)
                : new PostgresDatabase(services.GetRequiredService<NpgsqlDataSource>());
        });
    }

    private static SimmerBuilder Use(SimmerBuilder builder, Action<PostgresStoreOptions>? configure,
        Func<IServiceProvider, PostgresDatabase> database)
    {
        builder.AddStoreOptions<PostgresStoreOptions>(Section, configure, Read, Check);
        return builder.UseStore("postgres", services =>
        {
            var logger = GuardedLogger.For(services, "Simmer.Postgres");
            return new PostgresJobStore(
                database(services), services.GetRequiredService<IOptions<PostgresStoreOptions>>().Value,
                GuardedTime.Of(services.GetService<TimeProvider>(), logger), logger,
                queues => ConcurrencyOf(queues, services.GetRequiredService<IOptions<SimmerOptions>>().Value),
                services.GetService<IMeterFactory>());
        });
    }

    private static StoreConnectionString Connection(IServiceProvider services, string? inCode) => StoreConnectionString.Find(
        services.GetService<IConfiguration>(), Section, inCode,
        inCode is null ? "the NpgsqlDataSource that is registered as a service" : "the argument of UsePostgres", mayBeSection: true);

    private static StoreConnectionString Told(IServiceProvider services, StoreConnectionString connection)
    {
        GuardedLogger.For(services, "Simmer.Postgres").ConnectionFrom("postgres", connection.From, connection.Overruled ?? "nothing");
        return connection;
    }

    private static int ConcurrencyOf(IReadOnlyList<string> queues, SimmerOptions options) =>
        queues.Sum(queue => options.Queues.TryGetValue(queue, out var known) ? known.Concurrency : 0);

    private static void Read(ConfigurationReader reader, IConfigurationSection section, PostgresStoreOptions options) =>
        reader.ReadBesideValue(section, new()
        {
            ["ConnectionString"] = s => reader.Text(s, static _ => { }),
            [nameof(options.Schema)] = s => reader.Text(s, v => options.Schema = v),
            [nameof(options.Migrate)] = s => reader.Bool(s, v => options.Migrate = v),
            [nameof(options.Wakeup)] = s => reader.Enumeration<PostgresWakeup>(s, v => options.Wakeup = v),
            [nameof(options.LockTimeout)] = s => reader.Time(s, v => options.LockTimeout = v),
            [nameof(options.CommandTimeout)] = s => reader.Time(s, v => options.CommandTimeout = v),
            [nameof(options.ClockSkewWarning)] = s => reader.Time(s, v => options.ClockSkewWarning = v),
        });

    private static void Check(PostgresStoreOptions options, List<string> problems)
    {
        string?[] found =
        [
            PostgresSchema.WhyNot(options.Schema),
            Enum.IsDefined(options.Wakeup)
                ? null
                : $"The {nameof(options.Wakeup)} of UsePostgres is {options.Wakeup}; it takes Listen or Poll.",
            StoreSetup.WhyNotTime("UsePostgres", nameof(options.LockTimeout), options.LockTimeout),
            StoreSetup.WhyNotTime("UsePostgres", nameof(options.CommandTimeout), options.CommandTimeout),
            StoreSetup.WhyNotTime("UsePostgres", nameof(options.ClockSkewWarning), options.ClockSkewWarning),
        ];
        problems.AddRange(found.OfType<string>());
    }
}
