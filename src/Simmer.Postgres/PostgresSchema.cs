using System.Globalization;
using System.Text;

namespace Simmer.Postgres;

/// <summary>The store's tables, for those who make them by their own means.</summary>
public static class PostgresSchema
{
    /// <summary>The newest version that this assembly knows.</summary>
    public static long Version => Migrator.Embedded[^1].Version;

    /// <summary>The SQL that makes the schema, or brings it up from an older version. It is one transaction; run it with a role that may create a schema, and with <see cref="PostgresStoreOptions.Migrate"/> switched off
    /// in the processes.</summary>
    /// <param name="schema">The schema's name.</param>
    /// <param name="from">The version that is there; 0: none. <c>SELECT max(version) FROM simmer.schema</c> tells it.</param>
    /// <returns>The script; a comment only, if nothing is missing.</returns>
    /// <exception cref="ArgumentException">The name is empty, or longer than 50 characters.</exception>
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

        _ = script.Append("BEGIN;\n").Append(texts.CreateSchema).Append(";\n").Append(texts[Migrator.TableSql]).Append(";\n");
        foreach (var migration in missing)
        {
            _ = script.Append('\n').Append(texts[migration.Text].TrimEnd()).Append('\n');
            _ = script.Append(texts[$"INSERT INTO simmer.schema(version, breaking, name) VALUES({migration.Version}, {(migration.Breaking ? "true" : "false")}, '{migration.Name}');\n"]);
        }

        return script.Append("COMMIT;\n").ToString();
    }

    /// <summary>Why a schema cannot have this name; null: it can. The server cuts identifiers at 63 bytes, and the channel's name is the schema's with five characters more.</summary>
    internal static string? WhyNot(string schema) => schema.Length is 0 or > 50 || schema.AsSpan().ContainsAny('\0', '\n', '\r')
        ? $"The schema's name '{schema}' has {schema.Length} characters; give it 1 to 50 on one line, such as 'simmer'."
        : null;
}
