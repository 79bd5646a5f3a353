namespace Peers.Installing;

/// <summary>What the peers run on. Debian's packages are installed when they are missing and this process may do that.</summary>
internal static class Tools
{
    public const string Redis = "redis-server";

    private const string PostgresHome = "/usr/lib/postgresql";
    private const string Python = "/usr/bin/python3";

    /// <exception cref="InvalidOperationException">Something is missing and cannot be installed here.</exception>
    public static async Task NeedAsync(IReadOnlyCollection<Tool> tools, CancellationToken cancellationToken)
    {
        await DebianPackages.NeedAsync([.. await MissingAsync(tools, cancellationToken)], cancellationToken);
        if (tools.Contains(Tool.Npm))
        {
            await NodePackages.NeedAsync(cancellationToken);
        }
    }

    /// <summary>The newest PostgreSQL's folder; Debian does not put its programs on the path.</summary>
    public static string? PostgresBinaries() => !Directory.Exists(PostgresHome)
        ? null
        : Directory.GetDirectories(PostgresHome)
            .Where(static d => File.Exists(Path.Combine(d, "bin", "initdb")))
            .OrderByDescending(static d => int.TryParse(Path.GetFileName(d), out var version) ? version : 0)
            .Select(static d => Path.Combine(d, "bin"))
            .FirstOrDefault();

    private static async Task<IEnumerable<string>> MissingAsync(IReadOnlyCollection<Tool> tools, CancellationToken cancellationToken)
    {
        var packages = new List<string>();
        foreach (var tool in tools)
        {
            packages.AddRange(tool switch
            {
                Tool.Postgres => PostgresBinaries() is null ? ["postgresql"] : [],
                Tool.Redis => IsOnPath(Redis) ? [] : ["redis-server"],
                Tool.Npm => IsOnPath("npm") ? [] : ["npm"],

                // hiredis, uvloop and httptools are what redis-py and uvicorn take for speed where they find them.
                Tool.Celery => await ImportsAsync("celery, redis, hiredis", cancellationToken)
                    ? []
                    : ["python3-celery", "python3-redis", "python3-hiredis"],
                Tool.FastApi => await ImportsAsync("fastapi, uvicorn, uvloop, httptools", cancellationToken)
                    ? []
                    : ["python3-fastapi", "python3-uvicorn", "python3-uvloop", "python3-httptools"],
                _ => throw new ArgumentOutOfRangeException(nameof(tools), tool, null),
            });
        }

        return packages;
    }

    private static bool IsOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, program)));

    private static async Task<bool> ImportsAsync(string modules, CancellationToken cancellationToken) =>
        File.Exists(Python) && (await Shell.TryAsync(Python, ["-c", $"import {modules}"], cancellationToken)).Code == 0;
}
