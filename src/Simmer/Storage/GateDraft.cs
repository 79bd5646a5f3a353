using System.Diagnostics.CodeAnalysis;

namespace Simmer.Storage;

/// <summary>A gate: a point of a graph where many steps meet and many begin. It reports the ends of all its parents to all its children, so
/// that a group of a thousand after another takes two thousand links and not a million. It has no job, and rules look through it to the
/// steps before it.</summary>
/// <param name="Number">Its number, from -1 downwards.</param>
/// <param name="Pending">How many links lead to it.</param>
/// <param name="Next">The steps that it reports to.</param>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
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
