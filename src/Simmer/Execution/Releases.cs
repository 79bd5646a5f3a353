using Simmer.Storage;
using Simmer.Watching;

namespace Simmer.Execution;

/// <summary>Passes on what followed from steps that ended.</summary>
internal sealed class Releases(QueueRunner runner, DueTimes due, JobWatcher watcher)
{
    /// <summary>Steps ended, and others followed.</summary>
    public void Tell(ReleaseReport report)
    {
        foreach (var queue in report.Queues)
        {
            runner.Hint(queue);
        }

        due.Tell(report.NextDue);
        foreach (var step in report.Steps)
        {
            watcher.Notify(step);
        }

        foreach (var workflow in report.Workflows)
        {
            watcher.Notify(workflow);
        }
    }
}
