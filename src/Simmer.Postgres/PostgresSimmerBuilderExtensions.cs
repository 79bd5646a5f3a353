using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;
using Simmer.Diagnostics;
using Simmer.Execution;
using Simmer.Postgres;

namespace Simmer;

/// <summary>Keeps jobs in PostgreSQL.</summary>
public static class PostgresSimmerBuilderExtensions
{
    private const string Key = "Simmer:Postgres";

    /// <summary>Keeps durable jobs in PostgreSQL, on connections of the store's own: at most 4, and one that listens. The configuration
    /// keys <c>Simmer:Postgres:Schema</c>, <c>Migrate</c>, <c>Wakeup</c>, <c>LockTimeout</c>, <c>CommandTimeout</c> and
    /// <c>ClockSkewWarning</c> overrule the code.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="connectionString">A connection string of Npgsql, such as <c>Host=localhost;Database=shop;Username=shop</c>. The
    /// configuration key <c>Simmer:Postgres</c> overrules it.</param>
    /// <param name="configure">Sets options.</param>
    /// <returns>The builder.</returns>
    public static SimmerBuilder UsePostgres(this SimmerBuilder builder, string connectionString,
        Action<PostgresStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        return Use(builder, (_, configured) => new PostgresDatabase(configured ?? connectionString), configure);
    }

    /// <summary>Keeps durable jobs in PostgreSQL, on connections of the application's data source.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="source">The data source; the store takes at most 5 of its connections and does not dispose it.</param>
    /// <param name="configure">Sets options.</param>
    /// <returns>The builder.</returns>
    /// <inheritdoc cref="UsePostgres(SimmerBuilder, string, Action{PostgresStoreOptions})"/>
    public static SimmerBuilder UsePostgres(this SimmerBuilder builder, NpgsqlDataSource source,
        Action<PostgresStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(source);
        return Use(builder, (_, _) => new PostgresDatabase(source), configure);
    }

    /// <summary>Keeps durable jobs in PostgreSQL, where the configuration says: the key <c>Simmer:Postgres</c> is the connection string, on
    /// the command line <c>--Simmer:Postgres="Host=..."</c> and in the environment <c>Simmer__Postgres</c>; the store's connections are its
    /// own then. Without that key it takes connections of the <see cref="NpgsqlDataSource"/> that is registered as a service, as by
    /// <c>AddNpgsqlDataSource</c>.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Sets options.</param>
    /// <returns>The builder.</returns>
    /// <inheritdoc cref="UsePostgres(SimmerBuilder, string, Action{PostgresStoreOptions})"/>
    public static SimmerBuilder UsePostgres(this SimmerBuilder builder, Action<PostgresStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return Use(
            builder,
            static (services, configured) =>
                configured is not null ? new PostgresDatabase(configured) : new PostgresDatabase(services.GetService<NpgsqlDataSource>()
                ?? throw new InvalidOperationException(
                    $"The configuration has no {Key}, and no NpgsqlDataSource is registered as a service. Set {Key} to a connection "
                    + "string, register a data source, or give UsePostgres one of them.")),
            configure);
    }

    private static SimmerBuilder Use(SimmerBuilder builder, Func<IServiceProvider, string?, PostgresDatabase> database,
        Action<PostgresStoreOptions>? configure) =>
        builder.UseStore("postgres", services =>
        {
            var options = new PostgresStoreOptions();
            configure?.Invoke(options);
            var section = services.GetService<IConfiguration>()?.GetSection(Key);
            Tune(options, section);
            Check(options);
            var logger = GuardedLogger.For(services, "Simmer.Postgres");
            return new PostgresJobStore(
                database(services, section?.Value is { Length: > 0 } configured ? configured : null), options, GuardedTime
                    .Of(services.GetService<TimeProvider>(), logger), logger,
                queues => ConcurrencyOf(queues, services.GetRequiredService<IOptions<SimmerOptions>>().Value),
                services.GetService<IMeterFactory>());
        });

    private static int ConcurrencyOf(IReadOnlyList<string> queues, SimmerOptions options) =>
        queues.Sum(queue => options.Queues.TryGetValue(queue, out var known) ? known.Concurrency : 0);

    private static void Tune(PostgresStoreOptions options, IConfigurationSection? section)
    {
        var settings = new Dictionary<string, Action<string>>(StringComparer.OrdinalIgnoreCase)
        {
            [nameof(options.Schema)] = text => options.Schema = text,
            [nameof(options.Migrate)] = text => options.Migrate = bool.TryParse(text, out var value)
                ? value
                : throw new FormatException($"Simmer:Postgres:Migrate is '{text}'; it takes true or false."),
            [nameof(options.Wakeup)] = text =>
                options.Wakeup = Enum.TryParse<PostgresWakeup>(text, ignoreCase: true, out var way) && Enum.IsDefined(way) ? way
                : throw new FormatException($"Simmer:Postgres:Wakeup is '{text}'; it takes Listen or Poll."),
            [nameof(options.LockTimeout)] = text => options.LockTimeout = TimeOf(nameof(options.LockTimeout), text),
            [nameof(options.CommandTimeout)] = text => options.CommandTimeout = TimeOf(nameof(options.CommandTimeout), text),
            [nameof(options.ClockSkewWarning)] = text => options.ClockSkewWarning = TimeOf(nameof(options.ClockSkewWarning), text),
        };
        foreach (var child in section?.GetChildren() ?? [])
        {
            if (!settings.TryGetValue(child.Key, out var set))
            {
                throw new FormatException(
                    $"The configuration key '{child.Path}' is not known; known are {string.Join(", ", settings.Keys)}.");
            }

            if (child.Value is { } text)
            {
                set(text);
            }
        }
    }

    private static TimeSpan TimeOf(string key, string text) => TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var value) ? value
        : throw new FormatException($"Simmer:Postgres:{key} is '{text}'; it takes a time, such as 00:00:05.");

    private static void Check(PostgresStoreOptions options)
    {
        string?[] problems =
        [
            PostgresSchema.WhyNot(options.Schema),
            Enum.IsDefined(options.Wakeup)
                ? null
                : $"The {nameof(options.Wakeup)} of UsePostgres is {options.Wakeup}; it takes Listen or Poll.",
            WhyNotTime(nameof(options.LockTimeout), options.LockTimeout),
            WhyNotTime(nameof(options.CommandTimeout), options.CommandTimeout),
            WhyNotTime(nameof(options.ClockSkewWarning), options.ClockSkewWarning),
        ];
        if (Array.Exists(problems, static p => p is not null))
        {
            throw new FormatException(string.Join(Environment.NewLine, problems.OfType<string>()));
        }
    }

    private static string? WhyNotTime(string name, TimeSpan value) => value < TimeSpan.FromMilliseconds(1) || value > TimeSpan.FromDays(1)
        ? $"The {name} of UsePostgres is {value}; it takes 1 millisecond to 1 day."
        : null;
}
