using System.Collections;
using Simmer.Jobs;
using Simmer.Storage;

namespace Simmer.Client;

/// <summary>Makes the handles that a client gives out.</summary>
internal sealed class Handles(IJobClient client)
{
    public JobHandle Of(EnqueueReport report) => new(client, report);

    public JobHandle<TResult> Of<TResult>(EnqueueReport report, ResultAdapter adapter) =>
        new(client, report, job => (TResult)adapter.ParseAny(job)!);

    /// <summary>The handles of one call. Each is made when it is first read, because of a thousand handles mostly none is.</summary>
    public IReadOnlyList<JobHandle> Of(IReadOnlyList<EnqueueReport> reports) => new HandleList(this, reports);

    public WorkflowHandle Of(WorkflowReport report) =>
        new(client, report.Id, report.State, report.Status == EnqueueStatus.Duplicate);

    public WorkflowHandle<TResult> Of<TResult>(WorkflowDraft draft, WorkflowReport report)
    {
        // Steps that undo or come last are behind the last ordinary step and have another role.
        var last = draft.Steps.Last(static s => s.Step!.Role == StepRole.Step);
        var adapter = last.Route!.Kind.Result!;
        return new WorkflowHandle<TResult>(client, report.Id, report.State, report.Status == EnqueueStatus.Duplicate, last.Id,
            job => job.Kind == last.Kind
            ? (TResult)adapter.ParseAny(job)!
            : throw new InvalidOperationException(
                $"Workflow {report.Id} was stored before and is another: its step '{job.Step}' is a '{job.Kind}', not a '{last.Kind}'."));
    }

    private sealed class HandleList(Handles handles, IReadOnlyList<EnqueueReport> reports) : IReadOnlyList<JobHandle>
    {
        public int Count => reports.Count;

        public JobHandle this[int index] => handles.Of(reports[index]);

        public IEnumerator<JobHandle> GetEnumerator() => reports.Select(handles.Of).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
