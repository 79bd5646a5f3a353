namespace Simmer.Servers;

/// <summary>The directions in which a <see cref="TcpProxy"/> passes bytes.</summary>
[Flags]
public enum Ways
{
    ToServer = 1,
    ToClient = 2,
    Both = ToServer | ToClient,
}
