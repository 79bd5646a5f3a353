namespace Simmer.Runtime;

/// <summary>Starts work on another stack and without the caller's execution context, because a job must not see the request that enqueued
/// it. Tests replace it to put the engine on a scheduler of their own.</summary>
internal abstract class WorkStarter
{
    public static WorkStarter ThreadPool { get; } = new PoolStarter();

    public abstract void Start(IThreadPoolWorkItem work);

    /// <summary>Starts work that follows from what this thread has just done. It stays on this thread if that is free soon; otherwise
    /// another one takes it.</summary>
    public virtual void StartNear(IThreadPoolWorkItem work) => Start(work);

    public void Start(Action work) => Start(new ActionItem(work));

    private sealed class PoolStarter : WorkStarter
    {
        public override void Start(IThreadPoolWorkItem work) =>
            System.Threading.ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);

        public override void StartNear(IThreadPoolWorkItem work) =>
            System.Threading.ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: true);
    }

    private sealed class ActionItem(Action work) : IThreadPoolWorkItem
    {
        public void Execute() => work();
    }
}
