using Microsoft.Data.Sqlite;

namespace Simmer.CrashTests.Worker;

/// <summary>What handlers did, in a file of their own: a row when a run starts and one when it has done its work, never changed.</summary>
public sealed class Effects : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _insert;
    private readonly int _life;

    public Effects(string folder, int life)
    {
        _life = life;
        _connection = new SqliteConnection(WorkerLife.Effects(folder));
        _connection.Open();

        // A killed process loses nothing that it has written; only a power cut would, and that is not tested here.
        Execute("PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF");
        Execute("CREATE TABLE IF NOT EXISTS effect(n INTEGER PRIMARY KEY AUTOINCREMENT, job TEXT NOT NULL, life INTEGER NOT NULL, attempt INTEGER NOT NULL, done INTEGER NOT NULL)");
        _insert = _connection.CreateCommand();
        _insert.CommandText = "INSERT INTO effect(job, life, attempt, done) VALUES($job, $life, $attempt, $done)";
    }

    public void Started(JobContext context) => Write(context, done: false);

    public void Done(JobContext context) => Write(context, done: true);

    public void Dispose()
    {
        _insert.Dispose();
        _connection.Dispose();
    }

    private void Write(JobContext context, bool done)
    {
        lock (_gate)
        {
            _insert.Parameters.Clear();
            _insert.Parameters.AddWithValue("$job", context.Id.ToString());
            _insert.Parameters.AddWithValue("$life", _life);
            _insert.Parameters.AddWithValue("$attempt", context.Attempt);
            _insert.Parameters.AddWithValue("$done", done);
            _insert.ExecuteNonQuery();
        }
    }

    private void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
