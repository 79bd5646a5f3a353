using System.Text.RegularExpressions;

namespace Storefront.Tests.App;

/// <summary>The real application in a process of its own, on a port of its own.</summary>
public sealed partial class Shop : IDisposable
{
    private readonly SampleProcess _process;

    private Shop(SampleProcess process, string address, string data) =>
        (_process, Http, Data) = (process, new HttpClient { BaseAddress = new Uri(address) }, data);

    /// <summary>Its data directory.</summary>
    public string Data { get; }

    public HttpClient Http { get; }

    public Uri Address => Http.BaseAddress!;

    /// <summary>Its output so far.</summary>
    public string Output => _process.Output;

    /// <summary>Starts the shop and waits until it listens.</summary>
    /// <param name="data">Its data directory.</param>
    /// <param name="settings">More settings: <c>Name=value</c>.</param>
    public static async Task<Shop> StartAsync(string data, params string[] settings)
    {
        var (process, address) = await SampleProcess
            .StartAsync("Storefront", NowListening(), ["urls=http://127.0.0.1:0", $"Storefront:DataDirectory={data}", .. settings]);
        return new Shop(process, address, data);
    }

    /// <summary>Sends SIGKILL: the process ends without a shutdown.</summary>
    public void Kill() => _process.Kill();

    public void Dispose()
    {
        Http.Dispose();
        _process.Dispose();
    }

    [GeneratedRegex(@"Now listening on: (http\S+)")]
    private static partial Regex NowListening();
}
