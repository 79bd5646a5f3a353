namespace Simmer.Storage;

/// <summary>A point where many steps meet and many begin: it tells all its children of the end of all its parents, so that a group of a
/// thousand after another takes two thousand links and not a million. It has no job; a rule sees through it.</summary>
/// <param name="Number">Its number, from -1 downwards.</param>
/// <param name="Pending">How many links lead to it.</param>
/// <param name="Next">Whom it tells.</param>
public sealed record GateDraft(int Number, int Pending, IReadOnlyList<StepLink> Next)
{
    /// <summary>The links in a compact form, for stores that keep bytes.</summary>
    /// <returns>The bytes.</returns>
    public byte[] WriteNext()
    {
        var writer = new StepWriter();
        writer.Links(Next);
        return writer.ToArray();
    }

    /// <summary>Reads what <see cref="WriteNext"/> wrote.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <returns>The links.</returns>
    /// <exception cref="FormatException">They are not what any version wrote.</exception>
    public static IReadOnlyList<StepLink> ReadNext(ReadOnlySpan<byte> bytes) => new StepReader(bytes).Links();

    /// <summary>The same for bytes that may be damaged.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <returns>The links; <see cref="StepLink.Lost"/> if they cannot be read.</returns>
    public static IReadOnlyList<StepLink> ReadNextOrLost(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return ReadNext(bytes);
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            return [StepLink.Lost];
        }
    }
}
