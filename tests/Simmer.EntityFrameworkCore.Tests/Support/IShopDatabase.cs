using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace Simmer.EntityFrameworkCore.Tests.Support;

/// <summary>How a database joins these tests: Simmer's store and the entities live in it.</summary>
public interface IShopDatabase : IAsyncDisposable
{
    /// <summary>The name of the database in messages.</summary>
    string Name { get; }

    /// <summary>The name of the other database in messages.</summary>
    string OtherName { get; }

    /// <summary>The SQL that makes the database refuse every job.</summary>
    string RefuseJobs { get; }

    /// <summary>The SQL that makes it take them again.</summary>
    string TakeJobs { get; }

    /// <summary>Makes an empty database, and another one beside it.</summary>
    ValueTask CreateAsync();

    /// <summary>Makes Simmer keep its jobs in this database.</summary>
    void Use(SimmerBuilder simmer);

    /// <summary>Makes a context keep its entities in this database.</summary>
    void Use(DbContextOptionsBuilder context, Func<ExecutionStrategyDependencies, IExecutionStrategy>? strategy = null);

    /// <summary>Has a context keep its entities in the other database.</summary>
    void UseOther(DbContextOptionsBuilder context);
}
