using System.Collections.Concurrent;
using System.Data;

namespace Simmer.Postgres;

/// <summary>The numbers of queues and kinds. A name keeps its number, so what was read once stays true unless the tables are emptied. Code
/// that stores by numbers proves them (<see cref="NamesHold"/>).</summary>
internal sealed class NameTable(SqlTexts texts, TimeSpan timeout)
{
    private const string AddQueues = "INSERT INTO simmer.queue(name) SELECT unnest($1) ON CONFLICT DO NOTHING";
    private const string AddKinds = "INSERT INTO simmer.kind(name) SELECT unnest($1) ON CONFLICT DO NOTHING";
    private const string AllQueues = "SELECT id, name FROM simmer.queue";
    private const string AllKinds = "SELECT id, name FROM simmer.kind";

    // Names get back the numbers that stored jobs have. A number that another name has by now stays that name's.
    private const string RestoreQueues =
        "INSERT INTO simmer.queue(id, name) OVERRIDING SYSTEM VALUE SELECT * FROM unnest($1::int[], $2::text[]) AS n(id, name) ORDER BY "
            + "id ON CONFLICT DO NOTHING";
    private const string RestoreKinds =
        "INSERT INTO simmer.kind(id, name) OVERRIDING SYSTEM VALUE SELECT * FROM unnest($1::int[], $2::text[]) AS n(id, name) ORDER BY "
            + "id ON CONFLICT DO NOTHING";
    private const string RestoreIdentity = "INSERT INTO simmer.identity(id) SELECT $1 WHERE NOT EXISTS(SELECT 1 FROM simmer.identity)";
    private const string SkipQueues =
        "SELECT setval(pg_get_serial_sequence('simmer.queue', 'id'), greatest(nextval(pg_get_serial_sequence('simmer.queue', 'id')), "
            + "(SELECT max(id) FROM simmer.queue)))";
    private const string SkipKinds =
        "SELECT setval(pg_get_serial_sequence('simmer.kind', 'id'), greatest(nextval(pg_get_serial_sequence('simmer.kind', 'id')), "
            + "(SELECT max(id) FROM simmer.kind)))";

    // Adding and restoring take turns: a restore learns all names anew, and would forget one that is added meanwhile.
    private readonly SemaphoreSlim _turn = new(1, 1);

    private volatile Names _queues = new();
    private volatile Names _kinds = new();
    private volatile int _timesRestored;

    /// <summary>Whether the names of a check have their numbers still: four parameters from this one on.</summary>
    public static string NamesHold(int first) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"""
        ((SELECT count(*) FROM unnest(${first}::int[], ${first + 1}::text[]) AS n(id, name) JOIN simmer.queue q ON q.id = ANY(ARRAY[n.id])
            AND q.name = n.name) = cardinality(${first})
          AND (SELECT count(*) FROM unnest(${first + 2}::int[], ${first + 3}::text[]) AS n(id, name) JOIN simmer.kind k
              ON k.id = ANY(ARRAY[n.id]) AND k.name = n.name) = cardinality(${first + 2}))
        """);

    public int Queue(string name) => NumberOf(_queues, name, "queue");

    public int Kind(string name) => NumberOf(_kinds, name, "kind");

    public int KindCount => _kinds.Numbers.Count;

    /// <summary>How often names were put back into emptied tables: their numbers may be others since.</summary>
    public int TimesRestored => _timesRestored;

    public bool Knows(string queue, string kind) => KnowsQueue(queue) && KnowsKind(kind);

    public bool KnowsQueue(string queue) => _queues.Numbers.ContainsKey(CleanText.Of(queue));

    public bool KnowsKind(string kind) => _kinds.Numbers.ContainsKey(CleanText.Of(kind));

    /// <summary>Whether the database has refused a queue or kind of this name. It is tried again only for a job that is to be stored under
    /// it.</summary>
    public bool WasRefused(string name) =>
        CleanText.Of(name) is var clean && (_queues.Refused.ContainsKey(clean) || _kinds.Refused.ContainsKey(clean));

    /// <summary>The name of a queue's number; null: added by another process since the last look.</summary>
    public string? QueueName(int number) => _queues.Texts.GetValueOrDefault(number);

    public string? KindName(int number) => _kinds.Texts.GetValueOrDefault(number);

    public void LearnQueue(int number, string name) => _queues.Learn(number, name);

    /// <summary>Gives numbers to names that have none, and learns what others have added. A name that the database refuses gets none, and
    /// whatever needs it is refused with that reason.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="queues">Names of queues.</param>
    /// <param name="kinds">Names of kinds.</param>
    /// <param name="attempt">Told of refusals that close the connection: the next try, on another, leaves out what it was about.</param>
    public async Task AddAsync(Npgsql.NpgsqlConnection connection, IReadOnlyCollection<string> queues, IReadOnlyCollection<string> kinds,
        Attempt attempt)
    {
        await _turn.WaitAsync();
        try
        {
            if (attempt.IsCareful || !await TryAddAllAsync(connection, queues, kinds, attempt))
            {
                await AddOneByOneAsync(connection, AddQueues, _queues, "queue", queues, attempt);
                await AddOneByOneAsync(connection, AddKinds, _kinds, "kind", kinds, attempt);
            }

            await RefreshAsync(connection);
        }
        finally
        {
            _ = _turn.Release();
        }
    }

    private async Task AddOneByOneAsync(Npgsql.NpgsqlConnection connection, string sql, Names known, string what,
        IReadOnlyCollection<string> names, Attempt attempt)
    {
        foreach (var name in Ordered(names))
        {
            if (attempt.WhyNot($"{what} {name}") is null)
            {
                await AddAloneAsync(connection, sql, known, name, attempt, $"{what} {name}");
            }
        }
    }

    private async Task AddAloneAsync(Npgsql.NpgsqlConnection connection, string sql, Names names, string name, Attempt attempt,
        string about)
    {
        try
        {
            await new SqlBatch(connection, texts, timeout).Add("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE").Add(sql).Bind([name])
                .Add("COMMIT").RunAsync();
        }
        catch (Npgsql.PostgresException refused) when (refused.IsAboutOneOperation())
        {
            names.Refused[name] = $"{refused.MessageText} ({refused.SqlState})";
            if (connection.State != ConnectionState.Open)
            {
                attempt.Broke(about, refused);
                throw;
            }

            await new SqlBatch(connection, texts, timeout).Add("ROLLBACK").RunAsync();
        }
    }

    private async Task<bool> TryAddAllAsync(Npgsql.NpgsqlConnection connection, IReadOnlyCollection<string> queues,
        IReadOnlyCollection<string> kinds, Attempt attempt)
    {
        try
        {
            await AddAllAsync(connection, queues, kinds);
            return true;
        }
        catch (Npgsql.PostgresException refused) when (refused.IsAboutOneOperation())
        {
            if (connection.State != ConnectionState.Open)
            {
                attempt.Broke(null, refused);
                throw;
            }

            await new SqlBatch(connection, texts, timeout).Add("ROLLBACK").RunAsync();
            return false;
        }
    }

    private async Task AddAllAsync(Npgsql.NpgsqlConnection connection, IReadOnlyCollection<string> queues,
        IReadOnlyCollection<string> kinds)
    {
        var batch = new SqlBatch(connection, texts, timeout).Add("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE");
        if (queues.Count > 0)
        {
            // Names go in in one order: two processes that add the same names must not wait for each other in a circle.
            _ = batch.Add(AddQueues).Bind(Ordered(queues));
        }

        if (kinds.Count > 0)
        {
            _ = batch.Add(AddKinds).Bind(Ordered(kinds));
        }

        await batch.Add("COMMIT").RunAsync();
    }

    /// <summary>All names that are known here, to be proved.</summary>
    public NameCheck All() => new(_queues.Texts, _kinds.Texts);

    /// <summary>Some of the names that are known here, to be proved; without those that the database would not take.</summary>
    public NameCheck Check(IReadOnlyCollection<string> queues, IReadOnlyCollection<string> kinds) => new(
        [.. queues.Where(name => KnowsQueue(name) || !_queues.Refused.ContainsKey(CleanText.Of(name)))
            .Select(name => KeyValuePair.Create(Queue(name), CleanText.Of(name)!))],
        [.. kinds.Where(name => KnowsKind(name) || !_kinds.Refused.ContainsKey(CleanText.Of(name)))
            .Select(name => KeyValuePair.Create(Kind(name), CleanText.Of(name)!))]);

    /// <summary>The tables were emptied, or are others by now: gives the names their numbers back where those are free, and learns anew
    /// what the numbers are.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="identity">The database's, if it has lost it.</param>
    public async Task RestoreAsync(Npgsql.NpgsqlConnection connection, Guid identity)
    {
        await _turn.WaitAsync();
        try
        {
            await RestoreAllAsync(connection, identity);
        }
        finally
        {
            _ = _turn.Release();
        }
    }

    private async Task RestoreAllAsync(Npgsql.NpgsqlConnection connection, Guid identity)
    {
        var all = All();
        await new SqlBatch(connection, texts, timeout).Add("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
            .Add(RestoreQueues).Bind(all.QueueNumbers).Bind(all.Queues)
            .Add(RestoreKinds).Bind(all.KindNumbers).Bind(all.Kinds)
            .Add(RestoreIdentity).Bind(identity, NpgsqlTypes.NpgsqlDbType.Uuid)
            .Add("COMMIT").RunAsync();
        await SkipAsync(connection, SkipQueues);
        await SkipAsync(connection, SkipKinds);
        var (queues, kinds) = (new Names(), new Names());
        await new SqlBatch(connection, texts, timeout)
            .Add(AllQueues).Each(row => queues.Learn(row.GetInt32(0), row.GetString(1)))
            .Add(AllKinds).Each(row => kinds.Learn(row.GetInt32(0), row.GetString(1)))
            .RunAsync();
        (_queues, _kinds) = (queues, kinds);
        _timesRestored++;
    }

    /// <summary>New names get numbers behind those that were given back.</summary>
    private async Task SkipAsync(Npgsql.NpgsqlConnection connection, string sql)
    {
        try
        {
            await new SqlBatch(connection, texts, timeout).Add(sql).Each(static _ => { }).RunAsync();
        }
        catch (Npgsql.PostgresException refused) when (refused.SqlState == Npgsql.PostgresErrorCodes.InsufficientPrivilege)
        {
            // A role that does not own the tables may not set the sequence; a new name then takes as many attempts as there are numbers
            // before it.
        }
    }

    private static int NumberOf(Names names, string name, string what) =>
        names.Numbers.TryGetValue(CleanText.Of(name), out var number) ? number

            : names.Refused.TryGetValue(CleanText.Of(name), out var why)
            ? throw new UnknownNameException($"the database refused the {what} name '{name}': {why}")
        : throw new StoreException(
            $"The name '{name}' has no number any more: somebody has emptied Simmer's tables of names. Nothing was stored; they are "
                + "filled again, so try it once more.", isTransient: true);

    public Task RefreshAsync(Npgsql.NpgsqlConnection connection) => new SqlBatch(connection, texts, timeout)
        .Add(AllQueues).Each(row => _queues.Learn(row.GetInt32(0), row.GetString(1)))
        .Add(AllKinds).Each(row => _kinds.Learn(row.GetInt32(0), row.GetString(1)))
        .RunAsync();

    private static string[] Ordered(IReadOnlyCollection<string> names) =>
        [.. names.Select(static n => CleanText.Of(n)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private sealed class Names
    {
        public ConcurrentDictionary<string, int> Numbers { get; } = new(StringComparer.Ordinal);

        public ConcurrentDictionary<int, string> Texts { get; } = new();

        /// <summary>Names that the database would not take, with the reason.</summary>
        public ConcurrentDictionary<string, string> Refused { get; } = new(StringComparer.Ordinal);

        public void Learn(int number, string name)
        {
            _ = Texts.TryAdd(number, name);
            _ = Numbers.TryAdd(name, number);
        }
    }
}
