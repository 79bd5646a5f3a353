namespace Simmer.Sqlite;

/// <summary>A statement's text with a slot of its own, so that every connection finds its prepared form by an array access.</summary>
internal sealed class Sql(string text)
{
    private static int s_slots;

    public string Text { get; } = text;

    public int Slot { get; } = Interlocked.Increment(ref s_slots) - 1;
}
