namespace Simmer.Execution.Intake;

/// <summary>A caller that waits for the answer of the flush in flight. Each has a task of its own, because a WaitAsync on a shared one
/// would continue on the thread pool, whatever scheduler the engine runs on.</summary>
internal sealed class AnswerWait
{
    private readonly TaskCompletionSource _told = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes all waits.</summary>
    public static void Tell(ref List<AnswerWait>? waits)
    {
        waits?.ForEach(static wait => wait._told.TrySetResult());
        waits = null;
    }

    public async Task UntilTold(CancellationToken cancellationToken)
    {
        using var givesUp = cancellationToken
            .UnsafeRegister(static (source, token) => ((TaskCompletionSource)source!).TrySetCanceled(token), _told);
        await _told.Task;
    }
}
