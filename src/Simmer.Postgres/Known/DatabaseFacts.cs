namespace Simmer.Postgres;

/// <summary>What the check at the start of a store found out about its database. Read by the rooms afterwards.</summary>
internal sealed class DatabaseFacts
{
    /// <summary>Which database this is, whichever way a connection came to it: the id that its migration drew.</summary>
    public Guid Identity { get; set; }

    /// <summary>Whether the role's transactions are by default not as this store needs them, so that even a single statement has to
    /// say so.</summary>
    public bool HasOddDefaults { get; set; }

    /// <summary>Whether the role owns the tables, and so may vacuum them and make partitions.</summary>
    public bool OwnsTables { get; set; }
}
