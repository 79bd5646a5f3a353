using Microsoft.Extensions.Logging;
using Npgsql;
using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>Brings a database's schema up to date, one numbered file after the other, under an advisory lock: any number of processes may
/// start at once.</summary>
internal sealed class Migrator(SqlTexts texts, string server, ILogger logger)
{
    // After waiting for the lock, the process must see what was done meanwhile, whatever the role's default isolation is.
    private const string BeginSql = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
    private const string LockSql = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";
    // The catalogue's tables are asked: to_regclass answers from the session's cache, which does not have what another process has made
    // while this one waited for the lock.
    private const string ExistsSql =
        "SELECT EXISTS(SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 "
            + "AND c.relname = 'schema')";
    private const string SchemaExistsSql = "SELECT to_regnamespace($1) IS NOT NULL";
    private const string EncodingSql = "SELECT current_setting('server_encoding')";
    private const string VersionSql =
        "SELECT coalesce(max(version), 0), coalesce(max(version) FILTER (WHERE breaking), 0) FROM simmer.schema";
    private const string NoteSql = "INSERT INTO simmer.schema(version, breaking, name) VALUES($1, $2, $3)";

    // A change of a table waits for its readers, and everything else waits behind the change: heartbeats too, and with them the leases. So
    // it waits for moments only, and lets others pass in between.
    internal const string LockTimeoutSql = "SET LOCAL lock_timeout = 500";
    private const string PauseSql = "SELECT pg_sleep($1)";

    // The session that has held its lock on one of the tables for the longest time.
    private const string HolderSql = """
        SELECT a.pid, coalesce(a.usename, ''), coalesce(a.application_name, ''), coalesce(a.state, ''), c.relname,
            left(regexp_replace(coalesce(a.query, ''), '\s+', ' ', 'g'), 200)
        FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_stat_activity a
            ON a.pid = l.pid
        WHERE n.nspname = $1 AND l.granted AND l.pid <> pg_backend_pid() AND c.relkind IN ('r', 'p', 'v') ORDER BY a.xact_start LIMIT 1
        """;

    internal const string TableSql =
        "CREATE TABLE IF NOT EXISTS simmer.schema(version bigint PRIMARY KEY, breaking boolean NOT NULL, name text NOT NULL, applied_at "
            + "timestamptz NOT NULL DEFAULT now())";

    /// <summary>All that this assembly knows.</summary>
    public static IReadOnlyList<Migration> Embedded { get; } = Migration.Embedded(typeof(Migrator).Assembly, "Simmer.Postgres.Migrations.");

    /// <summary>The migrations to apply; tests give their own.</summary>
    public IReadOnlyList<Migration> Migrations { get; init; } = Embedded;

    /// <summary>How often it is tried while others hold locks on the tables; tests wait less long.</summary>
    public int MostAttempts { get; init; } = 120;

    /// <summary>How long all others pass between two tries.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Applies what is missing, all or nothing.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="migrate">Whether it may; if not, a schema that lacks something is refused.</param>
    /// <param name="timeout">How long a statement may take.</param>
    /// <returns>The version the database has now.</returns>
    public async Task<long> BringUpAsync(NpgsqlConnection connection, bool migrate, TimeSpan timeout)
    {
        var known = Migrations[^1].Version;
        var (found, breaking) = await VersionAsync(connection, timeout);
        await CheckEncodingAsync(connection, isNew: found == 0, timeout);
        for (var attempt = 1; found < known && migrate; attempt++)
        {
            try
            {
                // The role's own lock_timeout counts here as well.
                await new SqlBatch(connection, texts, timeout * 10).Add(BeginSql).Add(LockSql).Bind("simmer.schema/" + texts.Schema)
                    .Each(static _ => { }).RunAsync();
                (found, breaking) = await VersionAsync(connection, timeout);
                if (found < known)
                {
                    await ApplyAsync(connection, found, timeout);
                }

                await new SqlBatch(connection, texts, timeout).Add("COMMIT").RunAsync();
                found = Math.Max(found, known);
            }
            catch (PostgresException busy)
                when (busy.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected)
            {
                await new SqlBatch(connection, texts, timeout).Add("ROLLBACK").RunAsync();
                if (attempt >= MostAttempts)
                {
                    throw await StillLockedAsync(connection, busy, found, timeout);
                }

                await new SqlBatch(connection, texts, timeout + Pause).Add(PauseSql).Bind(Pause.TotalSeconds).Each(static _ => { })
                    .RunAsync();
            }
        }

        if (found < known)
        {
            throw new StoreException(
                $"The schema '{texts.Schema}' in PostgreSQL at {server} has version {found}, and this version of Simmer needs {known}. "
                    + $"Run the SQL that  simmer postgres script --schema '{texts.Schema}' --from {found}  prints (so does "
                    + "PostgresSchema.Script), or let the store migrate (Migrate = true).");
        }

        if (breaking > known)
        {
            throw new StoreException(
                $"The schema '{texts.Schema}' in PostgreSQL at {server} has version {found}, and its version {breaking} cannot be used "
                    + $"by this version of Simmer, which knows up to {known}. " +
                "Update Simmer.Postgres in this process, or give it another schema.");
        }

        if (found > known)
        {
            Log.NewerSchema(logger, texts.Schema, server, found, known);
        }

        return found;
    }

    /// <summary>Names, keys, tags and texts may hold any character. A new schema is refused where that is not so; one that is in use goes
    /// on.</summary>
    private async Task CheckEncodingAsync(NpgsqlConnection connection, bool isNew, TimeSpan timeout)
    {
        var encoding = "";
        await new SqlBatch(connection, texts, timeout).Add(EncodingSql).Each(row => encoding = row.GetString(0)).RunAsync();
        if (encoding == "UTF8")
        {
            return;
        }

        if (isNew)
        {
            throw new StoreException(
                $"The database of PostgreSQL at {server} has the encoding {encoding}, and Simmer stores text of any language: a new "
                    + "schema needs UTF8. " +
                "Make a database for it: CREATE DATABASE jobs ENCODING 'UTF8' TEMPLATE template0, with a locale that fits (LC_COLLATE "
                    + "'C' LC_CTYPE 'C' always does).");
        }

        Log.NotUtf8(logger, texts.Schema, server, encoding);
    }

    private async Task ApplyAsync(NpgsqlConnection connection, long found, TimeSpan timeout)
    {
        var exists = false;
        await new SqlBatch(connection, texts, timeout).Add(LockTimeoutSql).Add(SchemaExistsSql).Bind(texts.Quoted)
            .Each(row => exists = row.GetBoolean(0)).RunAsync();
        if (!exists)
        {
            await new SqlBatch(connection, texts, timeout).AddAsItIs(texts.CreateSchema).RunAsync();
        }

        foreach (var statement in Migrations.Where(m => m.Version > found).SelectMany(static m => Split(m.Text)).Prepend(TableSql))
        {
            await new SqlBatch(connection, texts, timeout * 60).Add(statement).RunAsync();
        }

        foreach (var migration in Migrations.Where(m => m.Version > found))
        {
            await new SqlBatch(connection, texts, timeout).Add(NoteSql).Bind(migration.Version).Bind(migration.Breaking)
                .Bind(migration.Name).RunAsync();
            Log.Migrated(logger, migration.Version, migration.Name, texts.Schema, server);
        }
    }

    private async Task<StoreException> StillLockedAsync(NpgsqlConnection connection, PostgresException busy, long found, TimeSpan timeout)
    {
        var holder = "Whoever holds it is gone by now.";
        await new SqlBatch(connection, texts, timeout).Add(HolderSql).Bind(texts.Schema).Each(row => holder =
            $"It may be pid {row.GetInt32(0)} (user '{row.GetString(1)}', application '{row.GetString(2)}', state '{row.GetString(3)}'), "
                + $"which has a lock on '{row.GetString(4)}'; its last query: {row.GetString(5)}").RunAsync();
        return new StoreException(
            $"The schema '{texts.Schema}' in PostgreSQL at {server} could not be brought from version {found} to "
                + $"{Migrations[^1].Version}: at each of {MostAttempts} tries another session held a lock that the change needs. " +
            $"Nothing was changed. {holder} End that session, or start again when it has ended. PostgreSQL said: {busy.MessageText} "
                + $"({busy.SqlState})",
            isTransient: true, inner: busy);
    }

    private async Task<(long Found, long Breaking)> VersionAsync(NpgsqlConnection connection, TimeSpan timeout)
    {
        var exists = false;
        await new SqlBatch(connection, texts, timeout).Add(ExistsSql).Bind(texts.Schema).Each(row => exists = row.GetBoolean(0)).RunAsync();
        var version = (0L, 0L);
        if (exists)
        {
            await new SqlBatch(connection, texts, timeout).Add(VersionSql).Each(row => version = (row.GetInt64(0), row.GetInt64(1)))
                .RunAsync();
        }

        return version;
    }

    /// <summary>The statements of a file: the extended protocol takes one at a time. The files hold no semicolon but between statements, in
    /// comments and in the bodies of functions, which stand between <c>$$</c>.</summary>
    internal static IEnumerable<string> Split(string text)
    {
        var parts = string.Join('\n', text.Split('\n').Where(static line => !line.TrimStart().StartsWith("--", StringComparison.Ordinal)))
            .Split("$$");
        var statement = parts[0];
        for (var i = 1; i < parts.Length; i += 2)
        {
            var ended = statement.LastIndexOf(';') + 1;
            foreach (var before in Statements(statement[..ended]))
            {
                yield return before;
            }

            var after = parts[i + 1];
            var end = after.IndexOf(';', StringComparison.Ordinal);
            yield return $"{statement[ended..]}$${parts[i]}$${after[..end]}".Trim();
            statement = after[(end + 1)..];
        }

        foreach (var rest in Statements(statement))
        {
            yield return rest;
        }
    }

    private static string[] Statements(string text) =>
        text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
