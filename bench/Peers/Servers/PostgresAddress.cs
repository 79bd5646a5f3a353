using Npgsql;

namespace Peers.Servers;

internal static class PostgresAddress
{
    /// <summary>The same as Npgsql writes it.</summary>
    public static string ConnectionString(string address)
    {
        var uri = new Uri(address);
        return new NpgsqlConnectionStringBuilder { Host = uri.Host, Port = uri.Port, Username = uri.UserInfo, Database = uri.AbsolutePath.TrimStart('/') }.ConnectionString;
    }
}
