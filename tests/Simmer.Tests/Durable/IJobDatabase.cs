using System.Data.Common;

namespace Simmer.Tests.Durable;

/// <summary>An empty database for the jobs of one test, and for everything else that their handlers write.</summary>
public interface IJobDatabase : IAsyncDisposable
{
    /// <summary>The SQL type of a column that the database numbers.</summary>
    string Counted { get; }

    ValueTask CreateAsync();

    /// <summary>Has jobs kept in it.</summary>
    SimmerBuilder Use(SimmerBuilder simmer);

    /// <summary>Opens a connection of the application's own.</summary>
    DbConnection Open();
}
