using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;
using Simmer.EntityFrameworkCore.Tests.Support;
using Simmer.Sqlite;

namespace Simmer.EntityFrameworkCore.Tests.Databases;

/// <summary>A SQLite file.</summary>
public sealed class SqliteFile : IShopDatabase
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("simmer");

    public string Name => "shop.db";

    public string OtherName => "other.db";

    public string RefuseJobs => "CREATE TRIGGER no_jobs BEFORE INSERT ON simmer_job BEGIN SELECT RAISE(ABORT, 'no jobs today'); END";

    public string TakeJobs => "DROP TRIGGER no_jobs";

    public ValueTask CreateAsync() => ValueTask.CompletedTask;

    // synchronous=NORMAL: a power cut does not matter to these tests, and the disk may be slow.
    public void Use(SimmerBuilder simmer) => simmer.UseSqlite(File(Name), static o => o.Synchronous = SqliteSynchronous.Normal);

    public void Use(DbContextOptionsBuilder context, Func<ExecutionStrategyDependencies, IExecutionStrategy>? strategy = null) =>
        context.UseSqlite(File(Name), o =>
    {
        if (strategy is not null)
        {
            o.ExecutionStrategy(strategy);
        }
    });

    public void UseOther(DbContextOptionsBuilder context) => context.UseSqlite(File(OtherName));

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    private string File(string name) => $"Data Source={Path.Combine(_folder.FullName, name)};Pooling=False";
}

public sealed class SqliteCompleting : Completing<SqliteFile>;

public sealed class SqliteSaving : Saving<SqliteFile>;

public sealed class SqliteTransactions : Transactions<SqliteFile>;

public sealed class SqliteRetrying : Retrying<SqliteFile>;

public sealed class SqliteUnsaved : Unsaved<SqliteFile>;

public sealed class SqliteRegistering : Registering<SqliteFile>;

public sealed class SqliteRefusals : Refusals<SqliteFile>;
