using Microsoft.Data.Sqlite;

namespace Simmer.DiskTests.Worker;

/// <summary>Another program that shares the file and keeps its write lock.</summary>
internal static class Locker
{
    public static async Task RunAsync(string file, string kind)
    {
        await using var connection = new SqliteConnection($"Data Source={file};Pooling=False;Default Timeout=30");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = $"BEGIN {kind}";
        await command.ExecuteNonQueryAsync();
        Console.WriteLine("ready");
        await Console.In.ReadLineAsync();
        command.CommandText = "ROLLBACK";
        await command.ExecuteNonQueryAsync();
    }
}
