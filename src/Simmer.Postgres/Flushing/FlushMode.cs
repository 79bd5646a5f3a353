namespace Simmer.Postgres;

/// <summary>How the operations of a flush are sent.</summary>
internal enum FlushMode : byte
{
    /// <summary>All of a kind in one statement, and most of them in one round trip.</summary>
    Together,

    /// <summary>Each operation behind a savepoint of its own, because one was refused that should not have been and must not fail its
    /// neighbours.</summary>
    Careful,

    /// <summary>The same, and each waits for other transactions by itself: all of them were blocked by one before.</summary>
    Apart,
}
