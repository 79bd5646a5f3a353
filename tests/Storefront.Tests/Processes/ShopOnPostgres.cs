using Simmer.Servers;
using Storefront.Tests.App;

namespace Storefront.Tests.Processes;

/// <summary>Shops and workers that share a database and a data directory, to start and kill.</summary>
public sealed class ShopOnPostgres : IDisposable
{
    /// <summary>A shop that leaves its jobs to workers.</summary>
    public const string WebOnly = "Simmer:Worker:Enabled=false";

    private readonly TemporaryDirectory _data = new();
    private readonly List<IDisposable> _processes = [];
    private readonly string[] _settings;

    private ShopOnPostgres(string[] settings) => _settings = settings;

    public string Data => _data.Path;

    /// <param name="settings">Settings of all its processes: <c>Name=value</c>.</param>
    public static async Task<ShopOnPostgres> CreateAsync(params string[] settings) =>
        new([$"Simmer:Postgres={await (await PostgresServer.Shared).CreateDatabaseAsync()}", .. settings]);

    public async Task<Shop> StartShopAsync(params string[] settings) => Kept(await Shop.StartAsync(Data, [.. _settings, .. settings]));

    public async Task<ShopWorker> StartWorkerAsync(params string[] settings) =>
        Kept(await ShopWorker.StartAsync(Data, [.. _settings, .. settings]));

    public string[] Mails() => [.. Directory.EnumerateFiles(_data["mail"], "*.eml").Select(Path.GetFileName).Order()!];

    public void Dispose()
    {
        foreach (var process in _processes)
        {
            process.Dispose();
        }

        _data.Dispose();
    }

    private T Kept<T>(T process)
        where T : IDisposable
    {
        _processes.Add(process);
        return process;
    }
}
