using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Simmer.EntityFrameworkCore.Tests.Support;
using Simmer.Servers;

namespace Simmer.EntityFrameworkCore.Tests.Databases;

/// <summary>A database on the PostgreSQL server of the test process.</summary>
public sealed class PostgresDatabase : IShopDatabase
{
    private readonly List<string> _databases = [];

    public string ConnectionString => _databases[0];

    public string Name => new NpgsqlConnectionStringBuilder(_databases[0]).Database!;

    public string OtherName => new NpgsqlConnectionStringBuilder(_databases[1]).Database!;

    public string RefuseJobs => """
        CREATE FUNCTION no_jobs() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no jobs today'; END $$;
        CREATE TRIGGER no_jobs BEFORE INSERT ON simmer.job FOR EACH ROW EXECUTE FUNCTION no_jobs()
        """;

    public string TakeJobs => "DROP FUNCTION no_jobs CASCADE";

    public async ValueTask CreateAsync()
    {
        var server = await PostgresServer.Shared;
        _databases.Add(await server.CreateDatabaseAsync());
        _databases.Add(await server.CreateDatabaseAsync());
    }

    public void Use(SimmerBuilder simmer) => simmer.UsePostgres(_databases[0]);

    public void Use(DbContextOptionsBuilder context, Func<ExecutionStrategyDependencies, IExecutionStrategy>? strategy = null) =>
        context.UseNpgsql(_databases[0], o =>
    {
        if (strategy is not null)
        {
            o.ExecutionStrategy(strategy);
        }
    });

    public void UseOther(DbContextOptionsBuilder context) => context.UseNpgsql(_databases[1]);

    public async ValueTask DisposeAsync()
    {
        var server = await PostgresServer.Shared;
        foreach (var database in _databases)
        {
            await server.DropDatabaseAsync(database);
        }
    }
}

public sealed class PostgresCompleting : Completing<PostgresDatabase>;

public sealed class PostgresSaving : Saving<PostgresDatabase>;

public sealed class PostgresTransactions : Transactions<PostgresDatabase>;

public sealed class PostgresRetrying : Retrying<PostgresDatabase>;

public sealed class PostgresUnsaved : Unsaved<PostgresDatabase>;

public sealed class PostgresRegistering : Registering<PostgresDatabase>;

public sealed class PostgresRefusals : Refusals<PostgresDatabase>;
