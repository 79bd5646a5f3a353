using Quartz;

namespace Peers.Serving;

/// <summary>A job as applications have it: a class with a constructor.</summary>
internal sealed class QuartzNote(Tally tally) : IJob<Note>
{
    public ValueTask Execute(IJobExecutionContext context, Note input, CancellationToken cancellationToken = default)
    {
        tally.RanOne(input.At);
        return ValueTask.CompletedTask;
    }
}
