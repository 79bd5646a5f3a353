using static SQLitePCL.raw;

namespace Simmer.Sqlite;

/// <summary>An error as SQLite gave it; <see cref="StoreFaults"/> turns it into the one type that leaves the store.</summary>
internal sealed class SqliteFault(int extendedCode, string message, string doing)
    : Exception($"SQLite error {extendedCode} ({message}) while {doing}")
{
    public int Code { get; } = extendedCode & 0xff;

    public int ExtendedCode { get; } = extendedCode;

    public string SqliteMessage { get; } = message;

    /// <summary>Whether the statement's own data was refused, so that the rest of the transaction can go on.</summary>
    public bool IsAboutOneRow =>
        Code is SQLITE_CONSTRAINT or SQLITE_TOOBIG or SQLITE_MISMATCH or SQLITE_RANGE or SQLITE_ERROR or SQLITE_AUTH;

    public bool IsBusy => Code is SQLITE_BUSY or SQLITE_LOCKED;

    /// <summary>Whether the connection should be opened anew before it is used again.</summary>
    public bool SpoilsConnection => Code is SQLITE_IOERR or SQLITE_CORRUPT or SQLITE_NOTADB or SQLITE_CANTOPEN or SQLITE_READONLY;
}
