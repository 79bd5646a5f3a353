namespace Simmer.Postgres;

/// <summary>The kinds that a claim takes, by their numbers.</summary>
internal sealed class KnownKinds : IEquatable<KnownKinds>
{
    private readonly IReadOnlyCollection<string> _kinds;
    private readonly int _known;
    private readonly int _restored;

    public KnownKinds(IReadOnlyCollection<string> kinds, NameTable names)
    {
        // The count first: names that are put back meanwhile make this list out of date.
        _restored = names.TimesRestored;
        (_kinds, _known) = (kinds, names.KindCount);
        Numbers = [.. kinds.Where(names.KnowsKind).Select(names.Kind).Distinct().Order()];
    }

    public int[] Numbers { get; }

    /// <summary>Whether there are no others, as far as this process knows.</summary>
    public bool AreAll => Numbers.Length == _known;

    /// <summary>Whether these are those kinds still, no other has become known, and the numbers were not given anew.</summary>
    public bool Are(IReadOnlyCollection<string> kinds, NameTable names) =>
        ReferenceEquals(kinds, _kinds) && names.KindCount == _known && names.TimesRestored == _restored;

    public bool Equals(KnownKinds? other) =>
        other is not null && (ReferenceEquals(this, other) || (AreAll == other.AreAll && Numbers.AsSpan().SequenceEqual(other.Numbers)));

    public override bool Equals(object? obj) => Equals(obj as KnownKinds);

    public override int GetHashCode() => Numbers.Length == 0 ? 0 : HashCode.Combine(Numbers.Length, Numbers[0], Numbers[^1]);
}
