using System.Net.Sockets;

namespace Simmer.Servers;

/// <summary>One connection through a <see cref="TcpProxy"/>. It passes on the bytes of both sides.</summary>
internal sealed class TcpLink(Socket client, Socket server)
{
    // Never disposed of, because a cut may come at the moment when the connection ends.
    private readonly CancellationTokenSource _cut = new();

    /// <summary>Passes bytes until both ends are silent or one is reset.</summary>
    public async Task RunAsync(string host, int port, Valve toServer, Valve toClient)
    {
        try
        {
            await server.ConnectAsync(host, port, _cut.Token);
            client.NoDelay = server.NoDelay = true;
            await Task.WhenAll(PassAsync(client, server, toServer), PassAsync(server, client, toClient));
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            // If one side is reset, so is the other.
            client.LingerState = server.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        finally
        {
            client.Dispose();
            server.Dispose();
        }
    }

    /// <summary>Resets both ends.</summary>
    public void Cut() => _cut.Cancel();

    private async Task PassAsync(Socket from, Socket to, Valve valve)
    {
        var buffer = new byte[16 * 1024];
        int count;
        do
        {
            try
            {
                count = await from.ReceiveAsync(buffer, _cut.Token);
            }
            catch (SocketException)
            {
                // While the network is stalled, a closed side is not reported to the other.
                await valve.OpenAsync(_cut.Token);
                Cut();
                throw;
            }

            await valve.OpenAsync(_cut.Token);
            await valve.PassAsync(count, _cut.Token);
            for (var sent = 0; sent < count;)
            {
                sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), _cut.Token);
            }
        }
        while (count > 0);
        to.Shutdown(SocketShutdown.Send);
    }
}
