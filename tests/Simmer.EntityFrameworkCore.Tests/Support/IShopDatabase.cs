using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace Simmer.EntityFrameworkCore.Tests.Support;

/// <summary>How a database joins these tests: Simmer's store and the entities live in it.</summary>
public interface IShopDatabase : IAsyncDisposable
{
    /// <summary>How messages call it.</summary>
    string Name { get; }

    /// <summary>How messages call the other one.</summary>
    string OtherName { get; }

    /// <summary>Has the database refuse every job from now on.</summary>
    string RefuseJobs { get; }

    /// <summary>Has it take them again.</summary>
    string TakeJobs { get; }

    /// <summary>Makes an empty database, and another one beside it.</summary>
    ValueTask CreateAsync();

    /// <summary>Has Simmer keep its jobs here.</summary>
    void Use(SimmerBuilder simmer);

    /// <summary>Has a context keep its entities here.</summary>
    void Use(DbContextOptionsBuilder context, Func<ExecutionStrategyDependencies, IExecutionStrategy>? strategy = null);

    /// <summary>Has a context keep its entities in the other database.</summary>
    void UseOther(DbContextOptionsBuilder context);
}
