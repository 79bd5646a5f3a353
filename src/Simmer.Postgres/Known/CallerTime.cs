using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>Times between the caller's clock and the server's. The difference is always said as how far the server's clock is
/// ahead.</summary>
internal static class CallerTime
{
    /// <summary>A time of the server's clock by the caller's.</summary>
    public static DateTimeOffset Of(DateTimeOffset theirs, TimeSpan ahead) => Moved(theirs, -ahead);

    /// <inheritdoc cref="Of(DateTimeOffset, TimeSpan)"/>
    public static DateTimeOffset? Of(DateTimeOffset? theirs, TimeSpan ahead) => theirs is { } time ? Of(time, ahead) : null;

    /// <summary>A time of the caller's clock by the server's; none (<see langword="default"/>) stays none.</summary>
    public static DateTimeOffset ToServer(DateTimeOffset ours, TimeSpan ahead) => ours == default ? default : Moved(ours, ahead);

    private static DateTimeOffset Moved(DateTimeOffset time, TimeSpan by) =>
        by >= TimeSpan.Zero ? StoreRules.KeepUntil(time, by) : time - DateTimeOffset.MinValue > -by ? time + by : DateTimeOffset.MinValue;
}
