using Dapper;
using Microsoft.Data.Sqlite;

namespace Storefront.Shared;

/// <summary>The shop's own SQLite file. Connections are pooled, so opening one costs microseconds.</summary>
public sealed class ShopDatabase
{
    private readonly string _connectionString;

    public ShopDatabase(DataDirectory data)
    {
        _connectionString = new SqliteConnectionStringBuilder { DataSource = data.ShopDatabase }.ToString();
        using var connection = new SqliteConnection(_connectionString);
        connection.Open();

        // In WAL mode the page can read while an import writes. The mode is stored in the file.
        connection.Execute("PRAGMA journal_mode = WAL");
        connection.Execute(Schema);
    }

    /// <summary>Opens a pooled connection; dispose it soon.</summary>
    public async Task<SqliteConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = new SqliteConnection(_connectionString);
        await connection.OpenAsync(cancellationToken);

        // After a power cut the last commits may be gone, but a batch and its checkpoint go together, so the import only does some rows
        // again.
        await connection.ExecuteAsync("PRAGMA synchronous = NORMAL");
        return connection;
    }

    /// <summary>Opens a connection whose commits survive a power cut, for payments: they are on the disk when they return.</summary>
    public async Task<SqliteConnection> OpenForMoneyAsync(CancellationToken cancellationToken)
    {
        var connection = await OpenAsync(cancellationToken);
        await connection.ExecuteAsync("PRAGMA synchronous = FULL");
        return connection;
    }

    private const string Schema = """
        CREATE TABLE IF NOT EXISTS imports (
            id         INTEGER PRIMARY KEY,
            job        TEXT    NOT NULL UNIQUE,
            name       TEXT    NOT NULL,              -- what the person called the file
            file       TEXT    NOT NULL,              -- where it is, from the data directory
            bytes      INTEGER NOT NULL,
            created_at TEXT    NOT NULL,
            offset     INTEGER NOT NULL DEFAULT 0,    -- the checkpoint: the first byte that is not imported yet,
            line       INTEGER NOT NULL DEFAULT 1,    -- and its line
            imported   INTEGER NOT NULL DEFAULT 0,
            bad        INTEGER NOT NULL DEFAULT 0,
            finished   INTEGER NOT NULL DEFAULT 0
        ) STRICT;

        -- The key is where the row came from: importing a line twice is an error, not a second row.
        CREATE TABLE IF NOT EXISTS products (
            import      INTEGER NOT NULL REFERENCES imports (id),
            line        INTEGER NOT NULL,
            sku         TEXT    NOT NULL,
            name        TEXT    NOT NULL,
            price_cents INTEGER NOT NULL,
            stock       INTEGER NOT NULL,
            PRIMARY KEY (import, line)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE IF NOT EXISTS bad_rows (
            import INTEGER NOT NULL REFERENCES imports (id),
            line   INTEGER NOT NULL,
            reason TEXT    NOT NULL,
            PRIMARY KEY (import, line)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE IF NOT EXISTS receipts (
            key TEXT PRIMARY KEY,                     -- the job's idempotency key: a retry writes no second receipt
            run TEXT NOT NULL,
            way TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS receipts_of_run ON receipts (run, way);

        CREATE TABLE IF NOT EXISTS orders (
            number      INTEGER PRIMARY KEY,
            id          TEXT    NOT NULL UNIQUE,      -- made up by the page: a second click is the same order
            product_id  TEXT    NOT NULL,
            product     TEXT    NOT NULL,
            price_cents INTEGER NOT NULL,
            email       TEXT    NOT NULL,
            card        TEXT    NOT NULL,
            created_at  TEXT    NOT NULL
        ) STRICT;

        -- In these the key is the job's idempotency key: a second attempt of the step changes nothing.
        CREATE TABLE IF NOT EXISTS payments (
            key      TEXT    PRIMARY KEY,
            order_id TEXT    NOT NULL REFERENCES orders (id),
            cents    INTEGER NOT NULL,
            refund   TEXT                             -- the key under which it was given back
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS payments_of_order ON payments (order_id);

        CREATE TABLE IF NOT EXISTS stock (
            product_id TEXT    PRIMARY KEY,
            pieces     INTEGER NOT NULL CHECK (pieces >= 0)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE IF NOT EXISTS reservations (
            key        TEXT    PRIMARY KEY,
            order_id   TEXT    NOT NULL REFERENCES orders (id),
            product_id TEXT    NOT NULL,
            released   INTEGER NOT NULL DEFAULT 0
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS reservations_of_order ON reservations (order_id);

        CREATE TABLE IF NOT EXISTS invoices (
            number   INTEGER PRIMARY KEY,
            order_id TEXT    NOT NULL UNIQUE REFERENCES orders (id),
            cents    INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE IF NOT EXISTS confirmations (
            order_id TEXT PRIMARY KEY REFERENCES orders (id),
            mail     TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE IF NOT EXISTS videos (
            id         TEXT    PRIMARY KEY,
            name       TEXT    NOT NULL,              -- what the person called the file
            bytes      INTEGER NOT NULL,              -- 0: it is made by a job
            created_at TEXT    NOT NULL
        ) STRICT, WITHOUT ROWID;
        """;
}
