namespace Simmer.Postgres;

/// <summary>The kinds that a claim takes, by their numbers.</summary>
internal sealed class KnownKinds : IEquatable<KnownKinds>
{
    public KnownKinds(IReadOnlyCollection<string> kinds, NameTable names)
    {
        Numbers = [.. kinds.Where(names.KnowsKind).Select(names.Kind).Distinct().Order()];
        AreAll = Numbers.Length == names.KindCount;
    }

    public int[] Numbers { get; }

    /// <summary>Whether there are no others, as far as this process knows.</summary>
    public bool AreAll { get; }

    public bool Equals(KnownKinds? other) => other is not null && (ReferenceEquals(this, other) || (AreAll == other.AreAll && Numbers.AsSpan().SequenceEqual(other.Numbers)));

    public override bool Equals(object? obj) => Equals(obj as KnownKinds);

    public override int GetHashCode() => Numbers.Length == 0 ? 0 : HashCode.Combine(Numbers.Length, Numbers[0], Numbers[^1]);
}
