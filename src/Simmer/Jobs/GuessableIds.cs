namespace Simmer.Jobs;

/// <summary>Tells ids that are random from those that may be made from names, which whoever knows the name can make as well.</summary>
internal static class GuessableIds
{
    private const int RandomWithTime = 7;
    private const int Random = 4;

    /// <summary>Version 7 begins with the time; a hash whose bits look like that version has one of the next eight thousand
    /// years.</summary>
    private static readonly DateTimeOffset s_earliest = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly TimeSpan s_skew = TimeSpan.FromDays(1);

    /// <summary>Whether an id may be made from a name: everything but a random UUID (RFC 9562, version 7, as the engine makes them, and
    /// version 4).</summary>
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
