using System.Diagnostics;
using System.Globalization;

namespace Simmer.Servers;

/// <summary>A server's process, which ends with ours, however ours ends.</summary>
internal sealed class GuardedProcess : IAsyncDisposable
{
    private readonly Process _guard;

    private GuardedProcess(Process guard, int id) => (_guard, Id, Exited) = (guard, id, guard.WaitForExitAsync());

    /// <summary>The server's process id.</summary>
    public int Id { get; }

    /// <summary>Ends with the server.</summary>
    public Task Exited { get; }

    /// <param name="folder">Where it works and its log is.</param>
    /// <param name="stop">The signal that ends it at once.</param>
    /// <param name="command">The program and its arguments.</param>
    public static async Task<GuardedProcess> StartAsync(ServerFolder folder, Signal stop, params string[] command)
    {
        var start = new ProcessStartInfo("setsid",
            ["sh", Path.Combine(AppContext.BaseDirectory, "guard.sh"), folder.Path, $"{stop.Number}", .. ServiceUser.Command(command)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = folder.Path,
        };
        var guard = Process.Start(start)!;
        var id = await guard.StandardOutput.ReadLineAsync();
        return new GuardedProcess(guard, int.Parse(id!, CultureInfo.InvariantCulture));
    }

    /// <summary>Sends a signal; nothing happens when the server has ended.</summary>
    public void Send(Signal signal)
    {
        if (!Exited.IsCompleted)
        {
            signal.SendTo(Id);
        }
    }

    /// <summary>Stops the server at once and removes its folder.</summary>
    public async ValueTask DisposeAsync()
    {
        _guard.StandardInput.Close();
        await Exited;
        _guard.Dispose();
    }
}
