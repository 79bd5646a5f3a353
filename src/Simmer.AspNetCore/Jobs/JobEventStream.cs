using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Simmer.AspNetCore.Views;

namespace Simmer.AspNetCore.Jobs;

/// <summary>Sends the snapshots of a job.</summary>
internal sealed class JobEventStream(JobEndpoints endpoints) : EventStream<JobId, JobRecord, JobView>(endpoints)
{
    private readonly JobMapping _mapping = endpoints.Mapping;

    protected override JsonTypeInfo<JobView> Json => WebJson.Default.JobView;

    protected override bool IsFinal(JobRecord record) => record.State == JobState.Unknown || record.State.IsFinal();

    protected override long VersionOf(JobRecord record) => record.Version;

    protected override IAsyncEnumerable<JobRecord> Watch(Asked<JobId, JobRecord> asked, long seen, CancellationToken cancellationToken) =>
        asked.Jobs.WatchAsync(asked.Id, seen, cancellationToken);

    protected override ValueTask<JobView> ViewAsync(Asked<JobId, JobRecord> asked, CancellationToken cancellationToken) =>
        new(Views(asked.Context).Of(asked.Context, asked.Record, _mapping));

    protected override JobView Gone(Asked<JobId, JobRecord> asked) =>
        Views(asked.Context).Of(asked.Context, asked.Id, JobState.Unknown, _mapping);

    private static JobViews Views(HttpContext context) => context.RequestServices.GetRequiredService<JobViews>();
}
