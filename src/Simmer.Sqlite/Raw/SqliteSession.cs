using SQLitePCL;
using static SQLitePCL.raw;

namespace Simmer.Sqlite;

/// <summary>One connection with its prepared statements and the names it has interned. Used by one thread at a time.</summary>
internal sealed class SqliteSession : IDisposable
{
    private readonly bool _owned;
    private Statement?[] _statements = new Statement?[64];

    static SqliteSession() => Batteries_V2.Init();

    /// <summary>Opens a connection of our own.</summary>
    public SqliteSession(string path, bool create)
    {
        var flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (create ? SQLITE_OPEN_CREATE : 0);
        var code = sqlite3_open_v2(path, out var handle, flags, null);
        Handle = handle;
        _owned = true;
        if (code != SQLITE_OK)
        {
            var fault = FaultOf(code, "opening the database");
            handle.Dispose();
            throw fault;
        }

        _ = sqlite3_extended_result_codes(handle, 1);
        Names = new NameTable(this);
    }

    /// <summary>Borrows a caller's connection, for the length of one call.</summary>
    public SqliteSession(sqlite3 borrowed)
    {
        Handle = borrowed;
        Names = new NameTable(this);
    }

    public sqlite3 Handle { get; }

    /// <summary>What ended steps tell their children in the present transaction.</summary>
    public StepsInTransaction Steps { get; } = new();

    /// <summary>The names of queues and kinds with their numbers.</summary>
    public NameTable Names { get; }

    /// <summary>Whether a transaction is open. It may end by itself at an error: a loop that goes on then writes the rest in
    /// autocommit.</summary>
    public bool InTransaction => sqlite3_get_autocommit(Handle) == 0;

    public long LastInsertRowId => sqlite3_last_insert_rowid(Handle);

    /// <summary>The prepared form of a statement.</summary>
    public Statement this[Sql sql]
    {
        get
        {
            if (sql.Slot >= _statements.Length)
            {
                Array.Resize(ref _statements, sql.Slot * 2);
            }

            return _statements[sql.Slot] ??= new Statement(this, sql.Text);
        }
    }

    public void Execute(string text)
    {
        var code = sqlite3_exec(Handle, text);
        if (code != SQLITE_OK)
        {
            throw FaultOf(code, text);
        }
    }

    /// <summary>The same on the way out of an error: it answers false where the other would throw.</summary>
    public bool TryExecute(string text) => sqlite3_exec(Handle, text) == SQLITE_OK;

    public int ExtendedErrorCode => sqlite3_extended_errcode(Handle);

    /// <summary>Prepares, reads one value and forgets the statement.</summary>
    public string? Scalar(string text)
    {
        using var statement = new Statement(this, text);
        var value = statement.Step() ? statement.TextOrNull(0) : null;
        statement.Reset();
        return value;
    }

    /// <summary>Begins to write, unless another connection is writing.</summary>
    public bool TryBeginImmediate()
    {
        var code = sqlite3_step(BeginHandle);
        _ = sqlite3_reset(BeginHandle);
        return (code & 0xff) switch
        {
            SQLITE_DONE => true,
            SQLITE_BUSY or SQLITE_LOCKED => false,
            _ => throw FaultOf(code, "BEGIN IMMEDIATE"),
        };
    }

    /// <summary>The operation that is being carried out; null on a borrowed connection.</summary>
    public Operation? Operation { get; set; }

    /// <summary>Does something behind a savepoint. Where the database refuses it, it is undone, and the rest of the transaction goes
    /// on.</summary>
    /// <param name="about">Names it: equal when the whole transaction is tried again.</param>
    /// <param name="work">Does it.</param>
    /// <returns>The refusal; null: it was done.</returns>
    public Exception? Try(object about, Action work)
    {
        if (Operation?.LeftOut?.GetValueOrDefault(about) is { } before)
        {
            return before;
        }

        Operation?.About = about;
        Execute("SAVEPOINT one");
        try
        {
            work();
            Execute("RELEASE one");
            Operation?.About = null;
            return null;
        }
        catch (Exception refused) when (InTransaction && IsAboutOneOperation(refused))
        {
            Forget();
            Execute("ROLLBACK TO one; RELEASE one");
            Operation?.About = null;
            return refused;
        }
    }

    /// <summary>Does something for each of many: straight away, or carefully, each behind a savepoint of its own.</summary>
    /// <returns>Those that the database refused, with the refusal. There are none unless it is done carefully.</returns>
    public List<(T Item, Exception Error)> ForEach<T>(IReadOnlyList<T> items, bool careful, Action<T> work)
        where T : notnull
    {
        List<(T, Exception)>? refused = null;
        for (var i = 0; i < items.Count; i++)
        {
            var item = items[i];
            if (!careful)
            {
                work(item);
            }
            else if (Try(item, () => work(item)) is { } error)
            {
                (refused ??= []).Add((item, error));
            }
        }

        return refused ?? [];
    }

    /// <summary>Whether an error is about the one operation that met it, and not about the file or the disk: a constraint, a trigger, a row
    /// that cannot be read.</summary>
    public static bool IsAboutOneOperation(Exception exception) =>
        exception is not (SqliteFault { IsAboutOneRow: false } or OutOfMemoryException or OperationCanceledException);

    /// <summary>Ends the transaction without effect. Never throws: it is called on the way out of an error.</summary>
    public void Rollback()
    {
        Forget();
        if (InTransaction)
        {
            _ = sqlite3_exec(Handle, "ROLLBACK");
        }
    }

    /// <summary>Forgets what an undone part of a transaction left: added names, what ended steps said, and statements that were being
    /// stepped through.</summary>
    public void Forget()
    {
        Names.Forget();
        Steps.Forget();
        foreach (var statement in _statements)
        {
            statement?.Reset();
        }
    }

    public SqliteFault FaultOf(int code, string doing)
    {
        var extended = sqlite3_extended_errcode(Handle);
        return new SqliteFault((extended & 0xff) == (code & 0xff) ? extended : code, sqlite3_errmsg(Handle).utf8_to_string() ?? "", doing);
    }

    public void Check(int code, string doing)
    {
        if (code != SQLITE_OK)
        {
            throw FaultOf(code, doing);
        }
    }

    public void Dispose()
    {
        foreach (var statement in _statements)
        {
            statement?.Dispose();
        }

        _begin?.Dispose();
        if (_owned)
        {
            Handle.Dispose();
        }
    }

    private sqlite3_stmt? _begin;

    private sqlite3_stmt BeginHandle
    {
        get
        {
            if (_begin is null)
            {
                Check(sqlite3_prepare_v3(Handle, "BEGIN IMMEDIATE", SQLITE_PREPARE_PERSISTENT, out _begin), "BEGIN IMMEDIATE");
            }

            return _begin!;
        }
    }
}
