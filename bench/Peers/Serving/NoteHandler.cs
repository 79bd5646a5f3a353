using Simmer;

namespace Peers.Serving;

/// <summary>A handler as applications have it: a class with a constructor.</summary>
internal sealed class NoteHandler(Tally tally) : IJobHandler<Note>
{
    public Task HandleAsync(Note job, JobContext context, CancellationToken cancellationToken)
    {
        tally.RanOne(job.At);
        return Task.CompletedTask;
    }
}
