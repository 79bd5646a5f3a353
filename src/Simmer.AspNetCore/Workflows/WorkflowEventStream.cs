using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Simmer.AspNetCore.Jobs;
using Simmer.AspNetCore.Views;

namespace Simmer.AspNetCore.Workflows;

/// <summary>Sends the snapshots of a workflow when it or one of its steps has changed.</summary>
internal sealed class WorkflowEventStream(WorkflowEndpoints endpoints) : EventStream<WorkflowId, WorkflowRecord, WorkflowView>(endpoints)
{
    private readonly WorkflowEndpoints _endpoints = endpoints;

    // At most ten snapshots a second: a thousand steps may end in a second, and a thousand snapshots would show no more.
    protected override TimeSpan Pause => TimeSpan.FromMilliseconds(100);

    protected override JsonTypeInfo<WorkflowView> Json => WebJson.Default.WorkflowView;

    protected override bool IsFinal(WorkflowRecord record) => record.State != WorkflowState.Running;

    protected override long VersionOf(WorkflowRecord record) => record.Version;

    protected override IAsyncEnumerable<WorkflowRecord> Watch(Asked<WorkflowId, WorkflowRecord> asked, long seen,
        CancellationToken cancellationToken) =>
        asked.Jobs.WatchAsync(asked.Id, seen, cancellationToken);

    protected override ValueTask<WorkflowView> ViewAsync(Asked<WorkflowId, WorkflowRecord> asked, CancellationToken cancellationToken) =>
        _endpoints.ViewAsync(asked, cancellationToken);

    protected override WorkflowView Gone(Asked<WorkflowId, WorkflowRecord> asked) =>
        asked.Context.RequestServices.GetRequiredService<WorkflowViews>()
            .Of(asked.Context, asked.Id, WorkflowState.Unknown, _endpoints.Mapping);
}
