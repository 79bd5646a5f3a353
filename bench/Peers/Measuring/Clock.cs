using System.Diagnostics;

namespace Peers.Measuring;

/// <summary>The monotonic clock of the machine, in nanoseconds. Node.js and Python read the same one, so their times can be
/// compared.</summary>
internal static class Clock
{
    // On Linux a tick of the stopwatch is a nanosecond already.
    private static readonly long s_nanoseconds = 1_000_000_000 / Stopwatch.Frequency;

    public static long Now => Stopwatch.GetTimestamp() * s_nanoseconds;

    public static double Microseconds(long nanoseconds) => nanoseconds / 1e3;

    public static double Seconds(long nanoseconds) => nanoseconds / 1e9;
}
