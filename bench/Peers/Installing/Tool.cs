namespace Peers.Installing;

/// <summary>What a contestant needs on this machine.</summary>
internal enum Tool
{
    Postgres,
    Redis,

    /// <summary>The packages of <c>Node/package-lock.json</c>, and the npm that fetches them.</summary>
    Npm,
    Celery,
    FastApi,
}
