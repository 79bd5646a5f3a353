using System.Buffers;

namespace Simmer.Jobs;

/// <summary>The names of queues: <c>[a-z0-9._-]</c>, compared without case, stored in lower case, shown as they were declared.</summary>
internal static class QueueNames
{
    public const string Default = "default";

    public const string AfterResponse = "after-response";

    public const int MaxLength = 100;

    private static readonly SearchValues<char> s_allowed = SearchValues
        .Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

    public static bool IsValid(string name) => name.Length is > 0 and <= MaxLength && !name.AsSpan().ContainsAnyExcept(s_allowed);

    /// <summary>The stored form of a name.</summary>
    public static string Stored(string name) => name.ToLowerInvariant();
}
