using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Simmer.Jobs;

/// <summary>Makes version 7 UUIDs (RFC 9562). As <see cref="Guid.CreateVersion7(DateTimeOffset)"/> does, but the randomness is drawn for
/// many at a time: a system call for each id was a large part of an enqueue.</summary>
internal static class NewIds
{
    private const int BytesAnId = 10;

    [ThreadStatic]
    private static byte[]? t_random;

    [ThreadStatic]
    private static int t_used;

    public static JobId Next(DateTimeOffset now)
    {
        Span<byte> id = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(id, now.ToUnixTimeMilliseconds() << 16);
        Draw(id[6..]);
        id[6] = (byte)(0x70 | (id[6] & 0x0f));
        id[8] = (byte)(0x80 | (id[8] & 0x3f));
        return new JobId(new Guid(id, bigEndian: true));
    }

    private static void Draw(Span<byte> into)
    {
        var random = t_random ??= new byte[BytesAnId * 100];
        if (t_used % random.Length == 0)
        {
            RandomNumberGenerator.Fill(random);
            t_used = 0;
        }

        random.AsSpan(t_used, BytesAnId).CopyTo(into);
        t_used += BytesAnId;
    }
}
