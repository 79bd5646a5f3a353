using System.Globalization;
using System.Text;

namespace Simmer.Postgres;

/// <summary>The store's tables, for those who make them by their own means.</summary>
public static class PostgresSchema
{
    private const int LongestName = 58;

    /// <summary>The newest version that this assembly knows.</summary>
    public static long Version => Migrator.Embedded[^1].Version;

    /// <summary>The SQL that makes the schema, or updates an older one. It is one transaction. Run it with a role that may create a schema,
    /// and switch <see cref="PostgresStoreOptions.Migrate"/> off in the processes. It waits at most half a second for each lock, because
    /// all users of the tables wait behind it. If it fails because of that (55P03), nothing is changed, and it can be run again.</summary>
    /// <param name="schema">The schema's name.</param>
    /// <param name="from">The version that is there; 0: none. <c>SELECT max(version) FROM simmer.schema</c> tells it.</param>
    /// <returns>The script; a comment only, if nothing is missing.</returns>
    /// <exception cref="ArgumentException">The name is empty, takes more than 58 bytes in UTF-8, begins with <c>pg_</c>, or holds a line
    /// end, a NUL or half of a surrogate pair.</exception>
    public static string Script(string schema = PostgresStoreOptions.DefaultSchema, long from = 0)
    {
        ArgumentNullException.ThrowIfNull(schema);
        if (WhyNot(schema) is { } why)
        {
            throw new ArgumentException(why, nameof(schema));
        }

        ArgumentOutOfRangeException.ThrowIfNegative(from);
        var texts = new SqlTexts(schema);
        var missing = Migrator.Embedded.Where(m => m.Version > from).ToList();
        var script = new StringBuilder();
        _ = script.Append(CultureInfo.InvariantCulture, $"-- Simmer's schema '{schema}', from version {from} to {Version}.\n");
        if (missing.Count == 0)
        {
            return script.Append("-- Nothing is missing.\n").ToString();
        }

        _ = script.Append(
            """
            -- It waits at most half a second for each lock, because all processes wait behind it. If it fails for that (55P03),
            -- nothing is changed: run it again, or end the session that keeps a transaction open.

            """).Append("BEGIN;\n").Append(Migrator.LockTimeoutSql).Append(";\n").Append(texts.CreateSchema).Append(";\n")
            .Append(texts[Migrator.TableSql]).Append(";\n");
        foreach (var migration in missing)
        {
            _ = script.Append('\n').Append(texts[migration.Text].TrimEnd()).Append('\n');
            _ = script
                .Append(texts[$"INSERT INTO simmer.schema(version, breaking, name) VALUES({migration.Version}, "
                + $"{(migration.Breaking ? "true" : "false")}, '{migration.Name}');\n"]);
        }

        return script.Append("COMMIT;\n").ToString();
    }

    /// <summary>Why a schema cannot have this name; null: it can. The server cuts identifiers at 63 bytes, and the name of the channel for
    /// hints is the schema's with five bytes more.</summary>
    internal static string? WhyNot(string schema)
    {
        if (schema.Length == 0)
        {
            return $"The schema's name is empty; give it 1 to {LongestName} bytes, such as 'simmer'.";
        }

        if (schema.AsSpan().ContainsAny('\0', '\n', '\r') || !IsWellFormed(schema))
        {
            return "The schema's name holds a line end, a NUL or half of a surrogate pair, and PostgreSQL's names cannot; give it "
                + "another, such as 'simmer'.";
        }

        if (Encoding.UTF8.GetByteCount(schema) is var bytes && bytes > LongestName)
        {
            return $"The schema's name '{schema}' takes {bytes} bytes in UTF-8; give it 1 to {LongestName}, such as 'simmer'. PostgreSQL "
                + "cuts longer names, and would not find them again.";
        }

        return schema.StartsWith("pg_", StringComparison.Ordinal)
            ? $"The schema's name '{schema}' begins with 'pg_', which PostgreSQL keeps for itself; give it another, such as 'simmer'."
            : null;
    }

    private static bool IsWellFormed(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune == Rune.ReplacementChar && !text.Contains('\uFFFD', StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }
}
