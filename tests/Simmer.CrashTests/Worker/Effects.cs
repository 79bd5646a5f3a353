using Microsoft.Data.Sqlite;
using Simmer.Storage;

namespace Simmer.CrashTests.Worker;

/// <summary>Records what the handlers did, in a file of their own: one row when a run starts and one when it ends, never changed.</summary>
internal sealed class Effects : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Claims _claims;
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _insert;
    private readonly int _life;

    public Effects(WorkerLife life, Claims claims)
    {
        (_life, _claims) = (life.Life, claims);
        _connection = new SqliteConnection(WorkerLife.Effects(life.Folder));
        _connection.Open();

        // synchronous = OFF is safe here: a killed process loses nothing that it has written. Only a power cut would lose something, which
        // is not tested.
        Execute("PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF");
        Execute("CREATE TABLE IF NOT EXISTS effect(n INTEGER PRIMARY KEY AUTOINCREMENT, job TEXT NOT NULL, kind TEXT NOT NULL, run "
            + "INTEGER NOT NULL, life INTEGER NOT NULL, what TEXT NOT NULL)");
        _insert = _connection.CreateCommand();
        _insert.CommandText = "INSERT INTO effect(job, kind, run, life, what) VALUES($job, $kind, $run, $life, $what)";
    }

    /// <summary>A handler began.</summary>
    /// <returns>Records the end of this run. By then the process may have been given another run of the same job.</returns>
    public Effect Started(JobContext context)
    {
        var effect = new Effect(this, context.Id, context.Kind, _claims.RunOf(context.Id));
        effect.Started();
        return effect;
    }

    /// <summary>The store refused how a run ended: another has the job.</summary>
    public void Refused(LeaseToken token) => Write(token.Id, string.Empty, token.Run, "refused");

    /// <summary>A step was given what another did.</summary>
    public void Taken(JobId by, Receipt receipt) => Write(new JobId(receipt.Job), by.ToString(), receipt.Run, "taken");

    public void Write(JobId job, string kind, int run, string what)
    {
        lock (_gate)
        {
            _insert.Parameters.Clear();
            _insert.Parameters.AddWithValue("$job", job.ToString());
            _insert.Parameters.AddWithValue("$kind", kind);
            _insert.Parameters.AddWithValue("$run", run);
            _insert.Parameters.AddWithValue("$life", _life);
            _insert.Parameters.AddWithValue("$what", what);
            _insert.ExecuteNonQuery();
        }
    }

    public void Dispose()
    {
        _insert.Dispose();
        _connection.Dispose();
    }

    private void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
