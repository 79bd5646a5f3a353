using Microsoft.Data.Sqlite;
using Simmer.CrashTests.Worker;

namespace Simmer.FleetTests.Chaos;

/// <summary>One thing that a handler, or the engine around it, said it did; see <see cref="Effects"/>.</summary>
/// <param name="N">Its place in the order of all processes.</param>
/// <param name="Job">The job.</param>
/// <param name="Kind">The job's kind, where a handler said it.</param>
/// <param name="Run">The run.</param>
/// <param name="Life">Whose process it was.</param>
/// <param name="What">What it did.</param>
internal sealed record Did(long N, JobId Job, string Kind, int Run, int Life, string What)
{
    public static List<Did> ReadAll(string folder)
    {
        using var open = Open(folder);
        using var command = open.CreateCommand();
        command.CommandText = "SELECT n, job, kind, run, life, what FROM effect ORDER BY n";
        using var reader = command.ExecuteReader();
        var all = new List<Did>();
        while (reader.Read())
        {
            all.Add(new Did(reader.GetInt64(0), JobId.Parse(reader.GetString(1), null), reader.GetString(2), reader.GetInt32(3),
                reader.GetInt32(4), reader.GetString(5)));
        }

        return all;
    }

    public static long Number(string folder, string sql)
    {
        using var open = Open(folder);
        using var command = open.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }

    private static SqliteConnection Open(string folder)
    {
        var open = new SqliteConnection(WorkerLife.Effects(folder));
        open.Open();
        return open;
    }
}
