using System.Collections.Concurrent;
using System.Text;

namespace Simmer.Postgres;

/// <summary>The statements of a store with its schema's name in them. They are written for the schema <c>simmer</c>.</summary>
internal sealed class SqlTexts
{
    private const string Written = PostgresStoreOptions.DefaultSchema + ".";

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

    public string this[string text] =>
        Schema == PostgresStoreOptions.DefaultSchema ? text : _texts.GetOrAdd(text, static (t, quoted) => With(t, quoted), Quoted);

    // In one pass: what was put in is not looked at again, whatever the schema is called.
    private static string With(string text, string quoted)
    {
        var written = new StringBuilder(text.Length * 2);
        var from = 0;
        for (int at; (at = text.IndexOf(Written, from, StringComparison.Ordinal)) >= 0; from = at + Written.Length)
        {
            var isInLiteral = at > 0 && text[at - 1] == '\'';
            _ = written.Append(text, from, at - from).Append(isInLiteral ? quoted.Replace("'", "''", StringComparison.Ordinal) : quoted)
                .Append('.');
        }

        return written.Append(text, from, text.Length - from).ToString();
    }
}
