namespace Simmer.Jobs;

internal static class StepNames
{
    public const int MaxLength = 200;

    public static void Check(string name) => Check(name, "A step's name");

    public static void CheckBranch(string branch) => Check(branch, "A branch");

    private static void Check(string text, string what)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length is 0 or > MaxLength || text.Any(char.IsControl))
        {
            throw new ArgumentException(
                $"{what} is '{StoredText.Shown(text, MaxLength)}' ({text.Length:N0} {(text.Length == 1 ? "character" : "characters")}); "
                + $"it takes 1 to {MaxLength} characters without control characters.");
        }

        if (!StoredText.IsWhole(text))
        {
            throw new ArgumentException(
                $"{what} is '{StoredText.Shown(text)}', which {StoredText.NotWhole}. Cut texts at whole characters.");
        }
    }
}
