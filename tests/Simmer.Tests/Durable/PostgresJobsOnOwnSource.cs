using Microsoft.Extensions.DependencyInjection;

namespace Simmer.Tests.Durable;

/// <summary>The same, with jobs kept on connections of the application's own data source, which enlists what is opened inside a transaction
/// of System.Transactions.</summary>
public sealed class PostgresJobsOnOwnSource : PostgresJobs
{
    public override SimmerBuilder Use(SimmerBuilder simmer) => simmer.UsePostgres(Source, SetUp);
}
