using System.Text;
using Simmer.Storage;
using SQLitePCL;
using static SQLitePCL.raw;

namespace Simmer.Sqlite;

/// <summary>A prepared statement: bound by index (from 1), stepped, reset.</summary>
/// <remarks>Bindings survive a reset, and most rows of a batch have the same queue, kind and times. So a number that is bound already is
/// not bound again.</remarks>
internal sealed class Statement : IDisposable
{
    /// <summary>The highest number of a parameter is one less.</summary>
    private const int Remembered = 64;

    private readonly SqliteSession _session;
    private readonly sqlite3_stmt _handle;
    private readonly string _text;
    private readonly long[] _integers = new long[Remembered];
    private ulong _isInteger;
    private ulong _isNull = ulong.MaxValue;

    public Statement(SqliteSession session, string text)
    {
        (_session, _text) = (session, text);
        session.Check(sqlite3_prepare_v3(session.Handle, text, SQLITE_PREPARE_PERSISTENT, out _handle), text);
    }

    public Statement Bind(int index, long value)
    {
        var bit = 1UL << index;
        if ((_isInteger & bit) == 0 || _integers[index] != value)
        {
            Check(sqlite3_bind_int64(_handle, index, value));
            _integers[index] = value;
            _isInteger |= bit;
            _isNull &= ~bit;
        }

        return this;
    }

    public Statement Bind(int index, bool value) => Bind(index, value ? 1L : 0L);

    public Statement Bind(int index, long? value) => value is { } number ? Bind(index, number) : BindNull(index);

    public Statement Bind(int index, JobId id) => Bind(index, id.Value);

    public Statement Bind(int index, WorkflowId id) => Bind(index, id.Value);

    private Statement Bind(int index, Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        _ = id.TryWriteBytes(bytes, bigEndian: true, out _);
        return Bind(index, bytes);
    }

    /// <summary>Binds a blob; an empty one is an empty blob, not NULL.</summary>
    public Statement Bind(int index, ReadOnlySpan<byte> value)
    {
        Changed(index);
        Check(value.IsEmpty ? sqlite3_bind_zeroblob(_handle, index, 0) : sqlite3_bind_blob(_handle, index, value));
        return this;
    }

    public Statement Bind(int index, double? value)
    {
        if (value is not { } number)
        {
            return BindNull(index);
        }

        Changed(index);
        Check(sqlite3_bind_double(_handle, index, number));
        return this;
    }

    public Statement Bind(int index, string? value)
    {
        if (value is null)
        {
            return BindNull(index);
        }

        Changed(index);
        if (value.Length > 256)
        {
            Check(sqlite3_bind_text(_handle, index, Encoding.UTF8.GetBytes(value)));
            return this;
        }

        // One byte more, so that the span of an empty text is not a null pointer, which would bind NULL.
        Span<byte> bytes = stackalloc byte[(value.Length * 3) + 1];
        Check(sqlite3_bind_text(_handle, index, bytes[..Encoding.UTF8.GetBytes(value, bytes)]));
        return this;
    }

    public Statement BindNull(int index)
    {
        var bit = 1UL << index;
        if ((_isNull & bit) == 0)
        {
            Check(sqlite3_bind_null(_handle, index));
            _isNull |= bit;
            _isInteger &= ~bit;
        }

        return this;
    }

    /// <summary>Steps to the next row; at the end, or on an error, the statement is reset.</summary>
    public bool Step()
    {
        var code = sqlite3_step(_handle);
        if (code == SQLITE_ROW)
        {
            return true;
        }

        if (code != SQLITE_DONE)
        {
            // The message is lost by the reset.
            var fault = _session.FaultOf(code, _text);
            _ = sqlite3_reset(_handle);
            throw fault;
        }

        _ = sqlite3_reset(_handle);
        return false;
    }

    /// <summary>Runs to the end and returns how many rows were changed.</summary>
    public int Run()
    {
        while (Step())
        {
        }

        return sqlite3_changes(_session.Handle);
    }

    /// <summary>Ends a reading before its end. Must be called when not all rows were stepped through.</summary>
    public void Reset() => _ = sqlite3_reset(_handle);

    /// <summary>The first column of the first row as a number; <see langword="null"/> without a row or when it is NULL.</summary>
    public long? Number()
    {
        if (!Step())
        {
            return null;
        }

        var value = LongOrNull(0);
        Reset();
        return value;
    }

    public long Long(int column) => sqlite3_column_int64(_handle, column);

    public int Int(int column) => (int)sqlite3_column_int64(_handle, column);

    public bool Bool(int column) => sqlite3_column_int64(_handle, column) != 0;

    public bool IsNull(int column) => sqlite3_column_type(_handle, column) == SQLITE_NULL;

    public long? LongOrNull(int column) => IsNull(column) ? null : sqlite3_column_int64(_handle, column);

    public double? DoubleOrNull(int column) => IsNull(column) ? null : sqlite3_column_double(_handle, column);

    public string Text(int column) => sqlite3_column_text(_handle, column).utf8_to_string() ?? "";

    public string? TextOrNull(int column) => IsNull(column) ? null : Text(column);

    public ReadOnlySpan<byte> Blob(int column) => sqlite3_column_blob(_handle, column);

    public JobId Id(int column) => sqlite3_column_blob(_handle, column) is { Length: 16 } bytes
        && sqlite3_column_type(_handle, column) == SQLITE_BLOB ? new(new Guid(bytes, bigEndian: true))
        : throw new FormatException("it is no id, which has 16 bytes");

    /// <summary>Something to call a row by whose id may be damaged: its first 16 bytes, filled up with zeros.</summary>
    public JobId IdOrStandIn(int column)
    {
        Span<byte> id = stackalloc byte[16];
        var bytes = sqlite3_column_blob(_handle, column);
        bytes[..Math.Min(16, bytes.Length)].CopyTo(id);
        return new JobId(new Guid(id, bigEndian: true));
    }

    /// <summary>A number, if the column holds one. SQLite holds in any column whatever is put there, and would give 0 for a text.</summary>
    public long Whole(int column) => sqlite3_column_type(_handle, column) == SQLITE_INTEGER
        ? sqlite3_column_int64(_handle, column)
        : throw new FormatException("it is no whole number");

    public long? WholeOrNull(int column) => IsNull(column) ? null : Whole(column);

    public DateTimeOffset? WholeTimeOrNull(int column) => WholeOrNull(column) is { } ticks ? DbTime.From(ticks) : null;

    public int WholeInt(int column) =>
        Whole(column) is var number && number == (int)number ? (int)number : throw new FormatException($"{number} is no number of 32 bits");

    /// <summary>A time that is shown only: one that is out of range is the nearest that is not.</summary>
    public DateTimeOffset? ClampedOrNull(int column) => LongOrNull(column) is { } ticks ? DbTime.Clamped(ticks) : null;

    public void Dispose() => _handle.Dispose();

    private void Changed(int index)
    {
        var bit = 1UL << index;
        _isInteger &= ~bit;
        _isNull &= ~bit;
    }

    private void Check(int code)
    {
        if (code != SQLITE_OK)
        {
            throw _session.FaultOf(code, _text);
        }
    }
}
