namespace Peers.Servers;

/// <summary>The servers of a run. PostgreSQL is one for all, with a database for each contestant; Redis is a new one for each.</summary>
internal sealed class Grounds : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("simmer-peers").FullName;
    private PostgresServer? _postgres;

    public static string NameOf(GroundKind kind) => kind switch
    {
        GroundKind.Folder => "file",
        GroundKind.Postgres => "PostgreSQL",
        GroundKind.Redis => "Redis, default",
        GroundKind.RedisAlways => "Redis, always",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    /// <summary>The versions and durability of the servers that these contestants need.</summary>
    public async Task<IReadOnlyList<string>> DescribeAsync(IReadOnlyCollection<GroundKind> kinds, CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        if (kinds.Contains(GroundKind.Postgres))
        {
            lines.Add(await (await PostgresAsync(cancellationToken)).DescribeAsync(cancellationToken));
        }

        if (kinds.Any(static k => k is GroundKind.Redis or GroundKind.RedisAlways))
        {
            lines.Add(await RedisServer.DescribeAsync(cancellationToken));
        }

        return lines;
    }

    public async Task<IGround> OpenAsync(GroundKind kind, CancellationToken cancellationToken) => kind switch
    {
        GroundKind.Folder => new FolderGround(),
        GroundKind.Postgres => await (await PostgresAsync(cancellationToken)).CreateDatabaseAsync(cancellationToken),
        _ => await RedisServer.StartAsync(syncsAlways: kind == GroundKind.RedisAlways, cancellationToken),
    };

    public async ValueTask DisposeAsync()
    {
        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task<PostgresServer> PostgresAsync(CancellationToken cancellationToken) =>
        _postgres ??= await PostgresServer.StartAsync(_folder, cancellationToken);
}
