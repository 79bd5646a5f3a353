using System.Globalization;
using Microsoft.Extensions.Logging;
using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>Brings a database's schema up to date, one numbered file after the other, under the write lock: two processes may start at
/// once.</summary>
internal sealed class Migrator(string path, IReadOnlyList<Migration> migrations, ILogger logger)
{
    private const string Table =
        "CREATE TABLE IF NOT EXISTS simmer_schema(version INTEGER PRIMARY KEY, breaking INTEGER NOT NULL, applied_at INTEGER NOT NULL)";

    /// <summary>All that this assembly knows.</summary>
    public static IReadOnlyList<Migration> Embedded { get; } = Migration.Embedded(typeof(Migrator).Assembly, "Simmer.Sqlite.Migrations.");

    /// <summary>Applies what is missing inside the caller's transaction.</summary>
    /// <returns>The version the database has now.</returns>
    public long Apply(SqliteSession session)
    {
        session.Execute(Table);
        var found = Number(session, "SELECT max(version) FROM simmer_schema");
        var known = migrations[^1].Version;
        if (found > known)
        {
            Refuse(session, found, known);
            Log.NewerSchema(logger, path, found, known);
            return found;
        }

        foreach (var migration in migrations.Where(migration => migration.Version > found))
        {
            session.Execute(migration.Text);
            session.Execute(string.Create(CultureInfo.InvariantCulture,
                $"INSERT INTO simmer_schema VALUES({migration.Version}, {(migration.Breaking ? 1 : 0)}, {SqliteClock.Ticks})"));
            Log.Migrated(logger, migration.Version, migration.Name, path);
        }

        return known;
    }

    private void Refuse(SqliteSession session, long found, long known)
    {
        var breaking = Number(session, string
            .Create(CultureInfo.InvariantCulture, $"SELECT max(version) FROM simmer_schema WHERE breaking = 1 AND version > {known}"));
        if (breaking > 0)
        {
            throw new StoreException(
                $"The SQLite database '{path}' has schema version {found}, and its version {breaking} cannot be used by this version of "
                    + $"Simmer, which knows up to {known}. " +
                "Update Simmer.Sqlite in this process, or give it another database file.");
        }
    }

    private static long Number(SqliteSession session, string text) =>
        long.TryParse(session.Scalar(text), CultureInfo.InvariantCulture, out var number) ? number : 0;
}
