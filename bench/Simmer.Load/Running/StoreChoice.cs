namespace Simmer.Load.Running;

internal enum StoreChoice
{
    Memory,

    /// <summary>SQLite, every commit synced.</summary>
    Full,

    /// <summary>SQLite, synced at checkpoints.</summary>
    Normal,

    /// <summary>PostgreSQL, as durable as it comes.</summary>
    Postgres,
}
