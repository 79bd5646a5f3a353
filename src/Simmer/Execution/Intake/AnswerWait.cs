namespace Simmer.Execution.Intake;

/// <summary>Somebody who waits for the answer of the flush in flight. Each caller gets one of its own: a WaitAsync on one source for all
/// would go on in the thread pool, whatever scheduler the engine runs on.</summary>
internal sealed class AnswerWait
{
    private readonly TaskCompletionSource _told = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Tells all who wait.</summary>
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
