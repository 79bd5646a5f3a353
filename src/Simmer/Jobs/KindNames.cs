namespace Simmer.Jobs;

internal static class KindNames
{
    public const int MaxLength = 200;

    /// <summary>The beginning of names that are reserved for the engine's own kinds.</summary>
    public const string Reserved = "simmer.";

    public const string AfterResponse = Reserved + "after-response";

    public static void Check(string name, Type type, List<string> problems)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > MaxLength || name.Any(static c => char.IsControl(c) || char.IsWhiteSpace(c)))
        {
            problems.Add($"The kind '{StoredText.Shown(name, MaxLength)}' of {type.Name} is not a name: it takes 1 to {MaxLength} "
                + "characters without white space. Set it with [Job(\"...\")].");
        }
        else if (!StoredText.IsWhole(name))
        {
            problems.Add($"The kind '{StoredText.Shown(name)}' of {type.Name} {StoredText.NotWhole}. Set it with [Job(\"...\")].");
        }
    }
}
