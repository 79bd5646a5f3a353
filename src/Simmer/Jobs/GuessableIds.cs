namespace Simmer.Jobs;

/// <summary>Tells random ids from ids that may have been made from a name. Anybody who knows the name can make the latter as
/// well.</summary>
internal static class GuessableIds
{
    private const int RandomWithTime = 7;
    private const int Random = 4;

    /// <summary>A version 7 UUID begins with its time. The first bits of a hash that looks like version 7 are random, so its time lies as a
    /// rule far outside the years from this one to now.</summary>
    private static readonly DateTimeOffset s_earliest = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly TimeSpan s_skew = TimeSpan.FromDays(1);

    /// <summary>Whether an id may have been made from a name: true for every UUID but a random one (RFC 9562, version 4, or version 7 as
    /// the engine makes them).</summary>
    public static bool Contains(Guid id, DateTimeOffset now) => !HasVariant(id) || id.Version switch
    {
        RandomWithTime => TimeOf(id) is var at && (at < s_earliest || at > now + s_skew),
        Random => false,
        _ => true,
    };

    private static bool HasVariant(Guid id) => id.Variant is >= 0x8 and <= 0xb;

    private static DateTimeOffset TimeOf(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        _ = id.TryWriteBytes(bytes, bigEndian: true, out _);
        var milliseconds = System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(bytes) >>> 16;
        return milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
            : DateTimeOffset.MaxValue;
    }
}
