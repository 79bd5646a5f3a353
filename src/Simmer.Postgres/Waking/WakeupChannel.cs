using System.Globalization;

namespace Simmer.Postgres;

/// <summary>The channel of a schema's notifications, and how this process writes and reads them: its own mark, a bar, and the numbers of
/// the queues that have ready jobs, separated by commas.</summary>
internal sealed class WakeupChannel(string schema)
{
    /// <summary>The server takes at most 8,000 bytes.</summary>
    private const int LongestList = 7_000;

    // Tells this process's own notifications from the others'.
    private readonly string _sender = Guid.NewGuid().ToString("N");

    public string Name { get; } = schema + ".wake";

    /// <summary>The payload that a process sends when it begins to listen: it has no bar. The process must receive it itself, because
    /// otherwise it cannot listen; the others learn that there is a process to notify.</summary>
    public string Greeting => _sender;

    /// <summary>The notification after a commit of this process.</summary>
    public string Payload(IEnumerable<int> queues) => Payload(_sender, queues);

    /// <summary>The notification within a caller's transaction. This process must receive it as well, because it does not see the
    /// commit.</summary>
    public static string PayloadForAll(IEnumerable<int> queues) => Payload("", queues);

    /// <summary>The queues that a notification names; null: it names none, because it is a greeting, or this process's own.</summary>
    public string? QueuesIn(string payload)
    {
        var bar = payload.IndexOf('|', StringComparison.Ordinal);
        return bar < 0 || payload.AsSpan(0, bar).SequenceEqual(_sender) ? null : payload[(bar + 1)..];
    }

    public static bool IsGreeting(string payload) => !payload.Contains('|', StringComparison.Ordinal);

    // A process that is told of no queue looks at all of them.
    private static string Payload(string sender, IEnumerable<int> queues)
    {
        var text = string.Join(',', queues.Select(static q => q.ToString(CultureInfo.InvariantCulture)));
        return text.Length > LongestList ? sender + "|" : sender + "|" + text;
    }
}
