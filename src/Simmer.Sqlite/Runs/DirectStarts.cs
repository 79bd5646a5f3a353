using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>Decides which of the jobs that a flush enqueues start at once, in the insert itself.</summary>
/// <param name="session">The transaction.</param>
/// <param name="worker">The worker that would run them; null: nothing is started.</param>
/// <param name="starts">The steps that the flush has released, which must not be overtaken.</param>
internal sealed class DirectStarts(SqliteSession session, long? worker, StepStarts? starts)
{
    private static readonly Sql s_topReady = new($"""
        SELECT max(
          coalesce((SELECT priority FROM simmer_job WHERE queue = ?1 AND state = {JobStates.Ready} ORDER BY priority DESC LIMIT 1),
              -9223372036854775807),
          coalesce((SELECT priority FROM simmer_job WHERE queue = ?1 AND state = {JobStates.ReadySuspect} ORDER BY priority DESC LIMIT 1),
              -9223372036854775807))
        """);

    private readonly List<QueueCheck> _queues = [];

    /// <summary>The queue of this name.</summary>
    public QueueCheck Of(string name)
    {
        foreach (var queue in _queues)
        {
            if (ReferenceEquals(queue.Name, name) || queue.Name == name)
            {
                return queue;
            }
        }

        var added = new QueueCheck(name, session.Names.Queue(name));
        _queues.Add(added);
        return added;
    }

    /// <summary>Whether a job starts at once. It must not overtake a ready job, even one that this worker cannot run, nor a step that this
    /// flush has released.</summary>
    /// <returns>The worker that runs it; null: it becomes ready.</returns>
    public long? StarterOf(in EnqueueRequest request, QueueCheck queue, long? expires, long at) =>
        worker is not null && Storage.Decisions.Admission.MayTry(request.Dispatch, request.Job, expires <= at)
            && MayStart(queue, request.Job.Priority) ? worker : null;

    private bool MayStart(QueueCheck queue, int priority)
    {
        if (!queue.Probed)
        {
            queue.Probed = true;
            queue.IsOpen = Admission.IsOpen(session, queue.Id);
            queue.TopReady = Math.Max(queue.TopReady, session[s_topReady].Bind(1, queue.Id).Number() ?? long.MinValue);
            queue.TopReady = Math.Max(queue.TopReady, starts?.TopPriority(queue.Name) ?? long.MinValue);
        }

        return Storage.Decisions.Admission.Starts(queue.IsOpen, hasReadyBefore: queue.TopReady >= priority);
    }
}
