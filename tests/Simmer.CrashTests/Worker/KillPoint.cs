namespace Simmer.CrashTests.Worker;

/// <summary>A point in the engine's dealings with the store.</summary>
/// <param name="Verb">The call to the store, such as <c>settle</c>; see <see cref="WitnessStore"/>.</param>
/// <param name="When">Before the store is asked, while its commit is written (then the disk's faults are switched on, and they kill), or
/// after the commit and before the engine learns of it.</param>
/// <param name="Nth">At which such moment, from 1.</param>
public sealed record KillPoint(string Verb, KillWhen When, int Nth);

/// <summary>When, around a commit.</summary>
public enum KillWhen
{
    Before,
    During,
    After,
}
