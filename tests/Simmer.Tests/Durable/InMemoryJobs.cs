using System.Data.Common;

namespace Simmer.Tests.Durable;

/// <summary>No database: jobs are in memory.</summary>
public sealed class InMemoryJobs : IJobDatabase
{
    public string Counted => throw new NotSupportedException();

    public ValueTask CreateAsync() => ValueTask.CompletedTask;

    public SimmerBuilder Use(SimmerBuilder simmer) => simmer;

    public DbConnection Open() => throw new NotSupportedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
