using System.Diagnostics.CodeAnalysis;

namespace Simmer.Storage;

/// <summary>Checks the numbers in a worker's row. They decide when a worker counts as dead and which job is poison, so a number that no
/// worker writes (edited by hand, damaged) counts as none.</summary>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public static class WorkerNumbers
{
    /// <summary>The shortest lease that a worker can have, in ticks of 100 ns.</summary>
    /// <value>3 seconds.</value>
    public const long ShortestLease = 3 * TimeSpan.TicksPerSecond;

    /// <summary>The longest lease that a worker can have, in ticks of 100 ns.</summary>
    /// <value>A day.</value>
    public const long LongestLease = TimeSpan.TicksPerDay;

    /// <summary>A lease as a worker's row has it.</summary>
    /// <param name="ticks">Its ticks; <see langword="null"/>: there is none.</param>
    /// <returns>The lease; <see langword="null"/>: there is none, or no worker can have it.</returns>
    public static TimeSpan? Lease(long? ticks) => ticks is >= ShortestLease and <= LongestLease ? TimeSpan.FromTicks(ticks.Value) : null;

    /// <summary>The slots as a worker's row has them.</summary>
    /// <param name="slots">The number; <see langword="null"/>: the row has none.</param>
    /// <returns>The slots; <see langword="null"/>: the row has none, or no worker can have so many.</returns>
    public static int? Slots(long? slots) => slots is >= 1 and <= int.MaxValue ? (int)slots : null;

    /// <summary>How old a worker's last beat is. A time that is further in the future than the longest lease counts as no beat, because
    /// such a worker would never count as dead.</summary>
    /// <param name="beatAt">When it was, in ticks of 100 ns.</param>
    /// <param name="now">The present time in the same unit, by the same clock.</param>
    /// <returns>The age; <see cref="TimeSpan.MaxValue"/>: there is no beat.</returns>
    public static TimeSpan BeatAge(long beatAt, long now) =>
        DbTime.Between(beatAt, now) is var age && age.Ticks < -LongestLease ? TimeSpan.MaxValue : age;
}
