namespace Simmer.Postgres;

/// <summary>The numbers of the kinds that this process claims, kept between flushes: a worker sends the same list with each.</summary>
internal sealed class ClaimedKinds(NameTable names)
{
    private KnownKinds? _known;

    /// <summary>Whether the numbers of all these kinds are known, and no other kind has become known since.</summary>
    public bool Are(IReadOnlyCollection<string> kinds) => _known?.Are(kinds, names) == true;

    /// <summary>The kinds with their numbers.</summary>
    public KnownKinds Of(IReadOnlyCollection<string> kinds) =>
        _known is { } known && known.Are(kinds, names) ? known : _known = new KnownKinds(kinds, names);
}
