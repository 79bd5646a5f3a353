using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Simmer.Servers;

/// <summary>A network in front of a server, which a test cuts, stalls and heals.</summary>
public sealed class TcpProxy : IAsyncDisposable
{
    private readonly string _host;
    private readonly int _port;
    private readonly Lock _gate = new();
    private readonly Dictionary<TcpLink, Task> _links = [];
    private readonly Valve _toServer = new();
    private readonly Valve _toClient = new();
    private Socket? _listener;
    private Task _accepting = Task.CompletedTask;
    private int _accepted;

    private TcpProxy(string host, int port) => (_host, _port, Port) = (host, port, FreePort.Next());

    /// <summary>The loopback port that it listens on.</summary>
    public int Port { get; }

    /// <summary>How many connections were accepted up to now.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>How many connections are open.</summary>
    public int Open
    {
        get
        {
            lock (_gate)
            {
                return _links.Count;
            }
        }
    }

    public static TcpProxy Start(string host, int port)
    {
        var proxy = new TcpProxy(host, port);
        proxy.Listen();
        return proxy;
    }

    /// <summary>One in front of the server of a connection string.</summary>
    public static TcpProxy Before(string connectionString)
    {
        var parts = new NpgsqlConnectionStringBuilder(connectionString);
        return Start(parts.Host!, parts.Port);
    }

    /// <summary>A connection string that leads through it.</summary>
    public string Through(string connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString) { Host = "127.0.0.1", Port = Port }.ConnectionString;

    /// <summary>Resets all connections and refuses new ones.</summary>
    public void Cut()
    {
        lock (_gate)
        {
            _listener?.Dispose();
            _listener = null;
            foreach (var link in _links.Keys)
            {
                link.Cut();
            }
        }
    }

    /// <summary>Stops passing bytes, without telling either side that the other is gone. Connections stay open, and new ones are accepted.
    /// Bytes that were on their way arrive when it heals.</summary>
    public void Stall(Ways ways = Ways.Both)
    {
        lock (_gate)
        {
            if (ways.HasFlag(Ways.ToServer))
            {
                _toServer.Close();
            }

            if (ways.HasFlag(Ways.ToClient))
            {
                _toClient.Close();
            }
        }
    }

    /// <summary>Limits the bytes that pass to the server each second, over all connections, as a slow network with some buffering does. 0:
    /// no limit.</summary>
    public void Narrow(long bytesPerSecond) => _toServer.Narrow(bytesPerSecond);

    /// <summary>Accepts connections and passes bytes again, whatever was done before.</summary>
    public void Heal()
    {
        lock (_gate)
        {
            _toServer.Open();
            _toClient.Open();
            if (_listener is null)
            {
                Listen();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        Cut();
        await _accepting;
        Task[] links;
        lock (_gate)
        {
            links = [.. _links.Values];
        }

        await Task.WhenAll(links);
    }

    private void Listen()
    {
        _listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, Port));
        _listener.Listen();
        _accepting = AcceptAsync(_listener, _accepting);
    }

    private async Task AcceptAsync(Socket listener, Task before)
    {
        await before;
        while (true)
        {
            Socket client;
            try
            {
                client = await listener.AcceptAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }

            Pass(listener, client);
        }
    }

    private void Pass(Socket listener, Socket client)
    {
        lock (_gate)
        {
            if (_listener != listener)
            {
                // Cut between accepting and here.
                client.Close(timeout: 0);
                return;
            }

            _accepted++;
            var link = new TcpLink(client, new Socket(SocketType.Stream, ProtocolType.Tcp));
            _links[link] = Task.Run(() => RunAsync(link));
        }
    }

    private async Task RunAsync(TcpLink link)
    {
        await link.RunAsync(_host, _port, _toServer, _toClient);
        lock (_gate)
        {
            _links.Remove(link);
        }
    }
}
