using System.Diagnostics;
using System.Text.Json;

namespace Peers.Running;

/// <summary>A process of a peer. It takes commands as lines of text.</summary>
internal sealed class PeerProcess : IAsyncDisposable
{
    private const int RememberedLines = 20;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(10);

    private readonly Process _process;
    private readonly Queue<string> _complaints = [];

    private PeerProcess(Process process)
    {
        _process = process;
        _process.ErrorDataReceived += (_, line) => Remember(line.Data);
        _process.BeginErrorReadLine();
    }

    public IReadOnlyDictionary<string, string> Versions { get; private set; } = new Dictionary<string, string>();

    public static async Task<PeerProcess> StartAsync(Launch launch, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(launch.Program, launch.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        var process = new PeerProcess(Process.Start(start)!);
        try
        {
            process.Versions = (await process.ReadAsync(cancellationToken)).Versions!;
            return process;
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    public async Task<Answer> AskAsync(FormattableString command, CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync(FormattableString.Invariant(command).AsMemory(), cancellationToken);
        await _process.StandardInput.FlushAsync(cancellationToken);
        return await ReadAsync(cancellationToken);
    }

    /// <summary>Lets it settle what it has begun, and stops it.</summary>
    /// <returns>How many jobs have run there.</returns>
    public async Task<long> EndAsync(CancellationToken cancellationToken)
    {
        _process.StandardInput.Close();
        var ran = (await ReadAsync(cancellationToken)).Ran;
        await _process.WaitForExitAsync(cancellationToken).WaitAsync(s_patience, cancellationToken);
        return ran;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private async Task<Answer> ReadAsync(CancellationToken cancellationToken)
    {
        var line = await _process.StandardOutput.ReadLineAsync(cancellationToken).AsTask().WaitAsync(s_patience, cancellationToken);
        return line is null ? throw new PeerFailedException(Complaints()) : JsonSerializer.Deserialize<Answer>(line, Answer.Json)!;
    }

    private string Complaints()
    {
        lock (_complaints)
        {
            return string.Join('\n', _complaints);
        }
    }

    private void Remember(string? line)
    {
        lock (_complaints)
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                _complaints.Enqueue(line);
            }

            if (_complaints.Count > RememberedLines)
            {
                _complaints.Dequeue();
            }
        }
    }
}
