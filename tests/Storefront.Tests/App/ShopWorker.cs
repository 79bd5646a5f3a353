using System.Text.RegularExpressions;

namespace Storefront.Tests.App;

/// <summary>The worker without a web server, in a process of its own.</summary>
public sealed partial class ShopWorker : IDisposable
{
    private readonly SampleProcess _process;

    private ShopWorker(SampleProcess process) => _process = process;

    /// <summary>Starts a worker on a shop's data and waits until it works.</summary>
    /// <param name="data">The shop's data directory.</param>
    /// <param name="settings">More settings: <c>Name=value</c>.</param>
    public static async Task<ShopWorker> StartAsync(string data, params string[] settings)
    {
        var (process, _) = await SampleProcess.StartAsync("Worker", WorksOn(), [$"Storefront:DataDirectory={data}", .. settings]);
        return new ShopWorker(process);
    }

    /// <summary>Sends SIGKILL: the process ends without a shutdown.</summary>
    public void Kill() => _process.Kill();

    public void Dispose() => _process.Dispose();

    [GeneratedRegex(@"Simmer works as \S+ on (.+) \(")]
    private static partial Regex WorksOn();
}
