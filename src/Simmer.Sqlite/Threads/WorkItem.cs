namespace Simmer.Sqlite;

/// <summary>An operation on its way through a thread that owns a connection.</summary>
internal abstract class WorkItem : Operation
{
    private const int Waiting = 0;
    private const int Begun = 1;
    private const int GivenUp = 2;

    private int _state;

    /// <summary>About how many rows it touches: transactions are kept short for the other processes.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>Whether to try it again carefully.</summary>
    public bool HasCarefulWay { get; init; }

    /// <summary>To be called before it is run. False: the caller has given up, and it must not be run.</summary>
    public bool TryBegin() => Interlocked.CompareExchange(ref _state, Begun, Waiting) is Waiting or Begun;

    /// <summary>Runs it on the connection, and keeps its answer for <see cref="Complete"/>.</summary>
    public abstract void Run(SqliteSession session);

    public abstract void Complete();

    public abstract void Fail(Exception exception);

    /// <summary>Whether it has failed for good while others of its transaction are tried again.</summary>
    public bool HasFailed { get; set; }

    protected bool TryGiveUp() => Interlocked.CompareExchange(ref _state, GivenUp, Waiting) == Waiting;
}

/// <summary>An operation with its answer.</summary>
internal sealed class WorkItem<T> : WorkItem
{
    private readonly TaskCompletionSource<T> _source;
    private readonly Func<SqliteSession, WorkItem, T> _work;
    private readonly CancellationTokenRegistration _registration;
    private T _answer = default!;

    /// <param name="work">The operation.</param>
    /// <param name="goesOnHere">Whether the code that awaits the answer continues on the store's thread.</param>
    /// <param name="cancellationToken">Gives up while it waits for its turn.</param>
    public WorkItem(Func<SqliteSession, WorkItem, T> work, bool goesOnHere, CancellationToken cancellationToken)
    {
        _work = work;
        _source = new(goesOnHere ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously);
        if (cancellationToken.CanBeCanceled)
        {
            _registration = cancellationToken.UnsafeRegister(static (item, token) => ((WorkItem<T>)item!).GiveUp(token), this);
        }
    }

    public Task<T> Task => _source.Task;

    public override void Run(SqliteSession session) => _answer = _work(session, this);

    public override void Complete()
    {
        _ = _registration.Unregister();
        _ = _source.TrySetResult(_answer);
    }

    public override void Fail(Exception exception)
    {
        _ = _registration.Unregister();
        _ = _source.TrySetException(exception);
    }

    private void GiveUp(CancellationToken token)
    {
        if (TryGiveUp())
        {
            _ = _source.TrySetCanceled(token);
        }
    }
}
