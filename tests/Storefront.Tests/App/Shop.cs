using System.Diagnostics;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;

namespace Storefront.Tests.App;

/// <summary>The real application in a process of its own, on a port of its own.</summary>
public sealed partial class Shop : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Shop(string data, string[] settings)
    {
        Data = data;
        _process = new Process { StartInfo = StartInfo(data, settings), EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Read(line.Data);
        _process.ErrorDataReceived += (_, line) => Read(line.Data);
        _process.Exited += (_, _) => _listening.TrySetException(new InvalidOperationException($"The shop ended before it listened:\n{Output}"));
    }

    /// <summary>Its data directory.</summary>
    public string Data { get; }

    public HttpClient Http { get; private set; } = null!;

    public Uri Address => Http.BaseAddress!;

    /// <summary>What it has said so far.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Starts the shop and waits until it listens.</summary>
    /// <param name="data">Its data directory.</param>
    /// <param name="settings">More settings: <c>Name=value</c>.</param>
    public static async Task<Shop> StartAsync(string data, params string[] settings)
    {
        var shop = new Shop(data, settings);
        try
        {
            shop._process.Start();
            shop._process.BeginOutputReadLine();
            shop._process.BeginErrorReadLine();
            shop.Http = new HttpClient { BaseAddress = await shop._listening.Task.WaitAsync(TimeSpan.FromSeconds(60)) };
            return shop;
        }
        catch (Exception exception)
        {
            shop.Dispose();
            throw new InvalidOperationException($"The shop did not start:\n{shop.Output}", exception);
        }
    }

    /// <summary>SIGKILL: no shutdown, no goodbye.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        Http?.Dispose();
        if (!_process.HasExited)
        {
            Kill();
        }

        _process.Dispose();
    }

    internal static ProcessStartInfo StartInfo(string data, string[] settings) => new("dotnet",
        [
            Metadata("Storefront.Assembly"),
            "--urls=http://127.0.0.1:0",
            $"--Storefront:DataDirectory={data}",
            .. settings.Select(setting => "--" + setting),
        ])
    {
        // The content root: the page is served from the sources.
        WorkingDirectory = Metadata("Storefront.Directory"),
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        Environment = { ["ASPNETCORE_ENVIRONMENT"] = "Production", ["Logging__LogLevel__Microsoft.Hosting.Lifetime"] = "Information" },
    };

    private static string Metadata(string key) =>
        typeof(Shop).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;

    private void Read(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_output)
        {
            _output.AppendLine(line);
        }

        if (NowListening().Match(line) is { Success: true } match)
        {
            _listening.TrySetResult(new Uri(match.Groups[1].Value));
        }
    }

    [GeneratedRegex(@"Now listening on: (http\S+)")]
    private static partial Regex NowListening();
}
