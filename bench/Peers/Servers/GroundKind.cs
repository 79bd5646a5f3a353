namespace Peers.Servers;

/// <summary>Where jobs are kept.</summary>
internal enum GroundKind
{
    Folder,

    /// <summary>Default durability: <c>fsync</c> and <c>synchronous_commit</c> on.</summary>
    Postgres,

    /// <summary>Default durability: a snapshot every minute to every hour. What came after the last one is lost when the server
    /// dies.</summary>
    Redis,

    /// <summary><c>appendfsync always</c>: as durable as PostgreSQL by default.</summary>
    RedisAlways,
}
