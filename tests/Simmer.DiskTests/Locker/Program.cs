using Microsoft.Data.Sqlite;

// Another program that shares the file and keeps its write lock: the file, the kind of transaction.
await using var connection = new SqliteConnection($"Data Source={args[0]};Pooling=False;Default Timeout=30");
await connection.OpenAsync();
await using var command = connection.CreateCommand();
command.CommandText = $"BEGIN {args[1]}";
await command.ExecuteNonQueryAsync();
Console.WriteLine("locked");
await Console.In.ReadLineAsync();
command.CommandText = "ROLLBACK";
await command.ExecuteNonQueryAsync();

namespace Simmer.DiskTests.Locker
{
    /// <summary>Lets the tests find this program.</summary>
    public static class LockerProgram
    {
        public static string Path => typeof(LockerProgram).Assembly.Location;
    }
}
