using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Simmer.Diagnostics;
using Simmer.Sqlite;

namespace Simmer;

/// <summary>Keeps jobs in a SQLite file.</summary>
public static class SqliteSimmerBuilderExtensions
{
    /// <summary>Keeps durable jobs in a SQLite file, which several processes of one machine may share. The configuration keys
    /// <c>Simmer:Sqlite:Synchronous</c> and <c>Simmer:Sqlite:LockTimeout</c> overrule the code.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="connectionString">A connection string of Microsoft.Data.Sqlite, such as <c>Data Source=app.db</c>; the file is made if
    /// it is missing.</param>
    /// <param name="configure">Sets options.</param>
    /// <returns>The builder.</returns>
    public static SimmerBuilder UseSqlite(this SimmerBuilder builder, string connectionString, Action<SqliteStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        return builder.UseStore("sqlite", services =>
        {
            var options = new SqliteStoreOptions();
            configure?.Invoke(options);
            Tune(options, services.GetService<IConfiguration>()?.GetSection("Simmer:Sqlite"));
            Check(options);
            return new SqliteJobStore(connectionString, options, GuardedLogger.For(services, "Simmer.Sqlite"));
        });
    }

    private static void Check(SqliteStoreOptions options)
    {
        string?[] problems =
        [
            Enum.IsDefined(options.Synchronous)
                ? null
                : $"The {nameof(options.Synchronous)} of UseSqlite is {options.Synchronous}; it takes Full or Normal.",
            options.LockTimeout >= TimeSpan.FromMilliseconds(1) && options.LockTimeout <= TimeSpan.FromDays(1) ? null
                : $"The {nameof(options.LockTimeout)} of UseSqlite is {options.LockTimeout}; it takes 1 millisecond to 1 day.",
        ];
        if (Array.Exists(problems, static p => p is not null))
        {
            throw new FormatException(string.Join(Environment.NewLine, problems.OfType<string>()));
        }
    }

    private static void Tune(SqliteStoreOptions options, IConfigurationSection? section)
    {
        RefuseUnknownKeys(section, nameof(options.Synchronous), nameof(options.LockTimeout));
        if (section?[nameof(options.Synchronous)] is { } synchronous)
        {
            options.Synchronous = Enum.TryParse<SqliteSynchronous>(synchronous, ignoreCase: true, out var value)
                ? value
                : throw new FormatException($"Simmer:Sqlite:Synchronous is '{synchronous}'; it takes Full or Normal.");
        }

        if (section?[nameof(options.LockTimeout)] is { } timeout)
        {
            options.LockTimeout = TimeSpan.TryParse(timeout, System.Globalization.CultureInfo.InvariantCulture, out var value)
                && value > TimeSpan.Zero
                ? value
                : throw new FormatException(
                    $"Simmer:Sqlite:LockTimeout is '{timeout}'; it takes a time of more than zero, such as 00:00:05.");
        }
    }

    private static void RefuseUnknownKeys(IConfigurationSection? section, params string[] known)
    {
        if (section?.Value is { Length: > 0 } value)
        {
            throw new FormatException(
                $"The configuration key '{section.Path}' is '{value}'; it takes no value, only the keys {string.Join(" and ", known)} "
                + "below it. Give the connection string to UseSqlite.");
        }

        foreach (var child in section?.GetChildren() ?? [])
        {
            if (!known.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
            {
                throw new FormatException(
                    $"The configuration key '{child.Path}' is not known; "
                        + $"{(Hosting.Names.Nearest(child.Key, known) is { } near
                            ? $"did you mean '{near}'?"
                            : $"known are {string.Join(", ", known)}.")}");
            }
        }
    }
}
