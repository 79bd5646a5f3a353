using Npgsql;

namespace Peers.Servers;

internal static class PostgresAddress
{
    /// <summary>The same as Npgsql writes it.</summary>
    public static string ConnectionString(string address)
    {
        var uri = new Uri(address);
        var database = uri.AbsolutePath.TrimStart('/');
        return new NpgsqlConnectionStringBuilder { Host = uri.Host, Port = uri.Port, Username = uri.UserInfo,
            Database = database }.ConnectionString;
    }
}
