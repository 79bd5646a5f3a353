using System.Data.Common;

namespace Simmer.Tests.Durable;

/// <summary>An empty database for the jobs of one test, and for whatever else their handlers write.</summary>
public interface IJobDatabase : IAsyncDisposable
{
    /// <summary>What a column is whose numbers the database gives.</summary>
    string Counted { get; }

    ValueTask CreateAsync();

    /// <summary>Has jobs kept in it.</summary>
    SimmerBuilder Use(SimmerBuilder simmer);

    /// <summary>Opens a connection of the application's own.</summary>
    DbConnection Open();
}
