namespace Simmer.Storage;

/// <summary>What a worker may take of jobs whose worker died under them. Each death that a job is near raises its level by one, and a
/// suspect of level n shares its worker with at most ⌊slots / 2ⁿ⌋ other suspects: the company of one that kills halves with every death,
/// until it is alone and pays for it.</summary>
/// <param name="Slots">How many jobs the worker runs at once; 0: no suspect may be taken.</param>
/// <param name="Held">How many suspects it has.</param>
/// <param name="Level">The highest level among them.</param>
public readonly record struct SuspectRoom(int Slots, int Held = 0, int Level = 0)
{
    /// <summary>At this level a suspect is alone in any worker.</summary>
    public const int HighestLevel = 31;

    /// <summary>How many more could be taken if all were of the level of those that are here, or of the first.</summary>
    public int Most => Slots <= 0 ? 0 : Math.Max(0, Others(Slots, Math.Max(Level, 1)) + 1 - Held);

    /// <summary>How many other suspects one of a level may have beside it.</summary>
    /// <param name="slots">How many jobs its worker runs at once.</param>
    /// <param name="level">The level.</param>
    /// <returns>The number; 0: it runs as the only suspect.</returns>
    public static int Others(int slots, int level) => slots >> Math.Min(level, HighestLevel);

    /// <summary>What a job's level is after its worker died under it, and whether that counts as an attempt.</summary>
    /// <param name="level">The level at which it ran; 0: it was no suspect.</param>
    /// <param name="slots">How many jobs the dead worker ran at once; <see langword="null"/>: nobody knows any more, so the most there can
    /// be. A job that kills again and again comes to the level at which it was alone even so.</param>
    /// <returns>The next level, and whether the attempt is spent: only if no other suspect may have been there.</returns>
    public static (int Level, bool Spends) AfterDeath(int level, int? slots) =>
        (Math.Min(level + 1, HighestLevel), level > 0 && Others(slots ?? int.MaxValue, level) == 0);

    /// <summary>Whether one of this level may be taken: neither it nor one that is here gets more company than it may have.</summary>
    /// <param name="level">The level.</param>
    /// <returns>Whether it may.</returns>
    public bool Takes(int level) => Slots > 0 && Held <= Others(Slots, Math.Max(Level, level));

    /// <summary>What is left when one more was taken.</summary>
    /// <param name="level">Its level.</param>
    /// <returns>The room.</returns>
    public SuspectRoom With(int level) => this with { Held = Held + 1, Level = Math.Max(Level, level) };
}
