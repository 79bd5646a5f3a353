namespace Simmer.Postgres;

/// <summary>Names with the numbers by which a process stores them, to be proved in the transaction that does.</summary>
internal sealed class NameCheck
{
    public static readonly NameCheck Nothing = new([], []);

    public NameCheck(IReadOnlyCollection<KeyValuePair<int, string>> queues, IReadOnlyCollection<KeyValuePair<int, string>> kinds)
    {
        (QueueNumbers, Queues) = Split([.. queues]);
        (KindNumbers, Kinds) = Split([.. kinds]);
    }

    public int[] QueueNumbers { get; }

    public string[] Queues { get; }

    public int[] KindNumbers { get; }

    public string[] Kinds { get; }

    public SqlBatch Bind(SqlBatch batch) => batch.Bind(QueueNumbers).Bind(Queues).Bind(KindNumbers).Bind(Kinds);

    private static (int[] Numbers, string[] Names) Split(KeyValuePair<int, string>[] names) =>
        (Array.ConvertAll(names, static n => n.Key), Array.ConvertAll(names, static n => n.Value));
}
