using System.Collections.Concurrent;

namespace Simmer.Postgres;

/// <summary>The numbers of queues and kinds. A name keeps its number for ever, so what is known once needs no asking.</summary>
internal sealed class NameTable(SqlTexts texts, TimeSpan timeout)
{
    private const string AddQueues = "INSERT INTO simmer.queue(name) SELECT unnest($1) ON CONFLICT DO NOTHING";
    private const string AddKinds = "INSERT INTO simmer.kind(name) SELECT unnest($1) ON CONFLICT DO NOTHING";
    private const string AllQueues = "SELECT id, name FROM simmer.queue";
    private const string AllKinds = "SELECT id, name FROM simmer.kind";

    private readonly Names _queues = new();
    private readonly Names _kinds = new();

    public int Queue(string name) => _queues.Numbers[CleanText.Of(name)];

    public int Kind(string name) => _kinds.Numbers[CleanText.Of(name)];

    public int KindCount => _kinds.Numbers.Count;

    public bool Knows(string queue, string kind) => KnowsQueue(queue) && KnowsKind(kind);

    public bool KnowsQueue(string queue) => _queues.Numbers.ContainsKey(CleanText.Of(queue));

    public bool KnowsKind(string kind) => _kinds.Numbers.ContainsKey(CleanText.Of(kind));

    /// <summary>The name of a queue's number; null: added by another process since the last look.</summary>
    public string? QueueName(int number) => _queues.Texts.GetValueOrDefault(number);

    public string? KindName(int number) => _kinds.Texts.GetValueOrDefault(number);

    public void LearnQueue(int number, string name) => _queues.Learn(number, name);

    /// <summary>Gives numbers to names that have none, and learns what others have added.</summary>
    public async Task AddAsync(Npgsql.NpgsqlConnection connection, IReadOnlyCollection<string> queues, IReadOnlyCollection<string> kinds)
    {
        var batch = new SqlBatch(connection, texts, timeout).Add("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE");
        if (queues.Count > 0)
        {
            // In order, so that two processes that add the same names do not wait for each other in a circle.
            _ = batch.Add(AddQueues).Bind(Ordered(queues));
        }

        if (kinds.Count > 0)
        {
            _ = batch.Add(AddKinds).Bind(Ordered(kinds));
        }

        await batch.Add("COMMIT").RunAsync();
        await RefreshAsync(connection);
    }

    public Task RefreshAsync(Npgsql.NpgsqlConnection connection) => new SqlBatch(connection, texts, timeout)
        .Add(AllQueues).Each(row => _queues.Learn(row.GetInt32(0), row.GetString(1)))
        .Add(AllKinds).Each(row => _kinds.Learn(row.GetInt32(0), row.GetString(1)))
        .RunAsync();

    private static string[] Ordered(IReadOnlyCollection<string> names) => [.. names.Select(static n => CleanText.Of(n)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private sealed class Names
    {
        public ConcurrentDictionary<string, int> Numbers { get; } = new(StringComparer.Ordinal);

        public ConcurrentDictionary<int, string> Texts { get; } = new();

        public void Learn(int number, string name)
        {
            _ = Texts.TryAdd(number, name);
            _ = Numbers.TryAdd(name, number);
        }
    }
}
