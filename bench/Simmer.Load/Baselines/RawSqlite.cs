using SQLitePCL;
using static SQLitePCL.raw;

namespace Simmer.Load.Baselines;

/// <summary>SQLite without anything around it: prepared once, bound by index, stepped.</summary>
internal sealed class RawSqlite : IDisposable
{
    private readonly sqlite3 _db;

    public RawSqlite(string path, bool full)
    {
        Batteries_V2.Init();
        Check(sqlite3_open_v2(path, out _db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, null));
        Execute($"PRAGMA journal_mode = WAL; PRAGMA synchronous = {(full ? "FULL" : "NORMAL")}; PRAGMA cache_size = -16384; PRAGMA "
            + "temp_store = MEMORY");
    }

    public void Execute(string sql) => Check(sqlite3_exec(_db, sql));

    public RawStatement Prepare(string sql)
    {
        Check(sqlite3_prepare_v3(_db, sql, SQLITE_PREPARE_PERSISTENT, out var statement));
        return new RawStatement(this, statement);
    }

    public void Check(int code)
    {
        if (code is not (SQLITE_OK or SQLITE_ROW or SQLITE_DONE))
        {
            throw new InvalidOperationException($"SQLite {code}: {sqlite3_errmsg(_db).utf8_to_string()}");
        }
    }

    public void Dispose() => _ = sqlite3_close_v2(_db);
}

internal sealed class RawStatement(RawSqlite db, sqlite3_stmt statement) : IDisposable
{
    public RawStatement Bind(int index, long value)
    {
        _ = sqlite3_bind_int64(statement, index, value);
        return this;
    }

    public RawStatement Bind(int index, ReadOnlySpan<byte> value)
    {
        _ = sqlite3_bind_blob(statement, index, value);
        return this;
    }

    public bool Step()
    {
        var code = sqlite3_step(statement);
        if (code == SQLITE_ROW)
        {
            return true;
        }

        _ = sqlite3_reset(statement);
        db.Check(code);
        return false;
    }

    public void Run()
    {
        while (Step())
        {
        }
    }

    public long Long(int column) => sqlite3_column_int64(statement, column);

    public byte[] Blob(int column) => sqlite3_column_blob(statement, column).ToArray();

    public void Dispose() => statement.Dispose();
}
