namespace Simmer.CrashTests;

/// <summary>Tests that need the whole machine.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
