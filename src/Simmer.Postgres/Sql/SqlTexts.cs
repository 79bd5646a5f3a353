using System.Collections.Concurrent;

namespace Simmer.Postgres;

/// <summary>The statements of a store with its schema's name in them. They are written for the schema <c>simmer</c>.</summary>
internal sealed class SqlTexts
{
    private readonly ConcurrentDictionary<string, string> _texts = new(StringComparer.Ordinal);

    public SqlTexts(string schema)
    {
        Schema = schema;
        Quoted = $"\"{schema.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    /// <summary>The schema's name as it is in the catalogue.</summary>
    public string Schema { get; }

    /// <summary>The schema's name as an identifier.</summary>
    public string Quoted { get; }

    /// <summary>What creates the schema; a role that may not create one can still use one that is there.</summary>
    public string CreateSchema => $"CREATE SCHEMA IF NOT EXISTS {Quoted}";

    public string this[string text] => Schema == PostgresStoreOptions.DefaultSchema ? text
        : _texts.GetOrAdd(text, static (t, quoted) => t
            .Replace("'simmer.", $"'{quoted.Replace("'", "''", StringComparison.Ordinal)}.", StringComparison.Ordinal)
            .Replace("simmer.", quoted + ".", StringComparison.Ordinal), Quoted);
}
