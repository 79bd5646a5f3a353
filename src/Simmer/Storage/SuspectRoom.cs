using System.Diagnostics.CodeAnalysis;

namespace Simmer.Storage;

/// <summary>How many suspects a worker may take: jobs whose worker died while it ran them. Each crash near a job raises its level by one,
/// and a suspect of level n runs beside at most ⌊slots / 2ⁿ⌋ other suspects. So the company of a job that kills its process halves with
/// every crash, until it is the only suspect there and spends an attempt.</summary>
/// <param name="Slots">How many jobs the worker runs at once; 0: no suspect may be taken.</param>
/// <param name="Held">How many suspects it has already.</param>
/// <param name="Level">The highest level among them.</param>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public readonly record struct SuspectRoom(int Slots, int Held = 0, int Level = 0)
{
    /// <summary>At this level a suspect is alone in any worker.</summary>
    public const int HighestLevel = 31;

    /// <summary>How many more could be taken, if all had the highest level of those that are here, or the first level.</summary>
    public int Most => Slots <= 0 ? 0 : Math.Max(0, Others(Slots, Math.Max(Level, 1)) + 1 - Held);

    /// <summary>How many other suspects may run beside one of a level.</summary>
    /// <param name="slots">How many jobs its worker runs at once.</param>
    /// <param name="level">The level.</param>
    /// <returns>The number; 0: it runs as the only suspect.</returns>
    public static int Others(int slots, int level) => slots >> Math.Min(level, HighestLevel);

    /// <summary>The level of a job after its worker died while it ran the job, and whether that counts as an attempt.</summary>
    /// <param name="level">The level at which it ran; 0: it was no suspect.</param>
    /// <param name="slots">How many jobs the dead worker ran at once; <see langword="null"/>: not known any more, so the largest number is
    /// assumed. Even so a job that kills again and again comes to a level at which it is the only suspect.</param>
    /// <returns>The next level, and whether the attempt is spent: only if the job's level allowed no other suspect beside it.</returns>
    public static (int Level, bool Spends) AfterDeath(int level, int? slots) =>
        (Math.Min(level + 1, HighestLevel), level > 0 && Others(slots ?? int.MaxValue, level) == 0);

    /// <summary>Whether a suspect of this level may be taken, so that neither it nor one that is here has more company than its level
    /// allows.</summary>
    /// <param name="level">The level.</param>
    /// <returns>Whether it may.</returns>
    public bool Takes(int level) => Slots > 0 && Held <= Others(Slots, Math.Max(Level, level));

    /// <summary>The room that is left when one more has been taken.</summary>
    /// <param name="level">Its level.</param>
    /// <returns>The room.</returns>
    public SuspectRoom With(int level) => this with { Held = Held + 1, Level = Math.Max(Level, level) };
}
