using Simmer.Runtime;

namespace Simmer.Diagnostics;

/// <summary>Shares an answer that is expensive to get among all callers that ask while it is under way or still fresh.</summary>
internal sealed class SharedAnswer<T>(TimeProvider time, WorkStarter starter, TimeSpan fresh, Func<Task<T>> ask)
{
    private readonly Lock _gate = new();
    private Task<T>? _answer;
    private long _askedAt;

    public Task<T> GetAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource<T>? asks = null;
        Task<T> answer;
        lock (_gate)
        {
            if (_answer is null || (_answer.IsCompleted && !(_answer.IsCompletedSuccessfully && time.GetElapsedTime(_askedAt) < fresh)))
            {
                asks = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
                (_answer, _askedAt) = (asks.Task, time.GetTimestamp());
            }

            answer = _answer;
        }

        if (asks is not null)
        {
            starter.Start(() => _ = AskAsync(asks));
        }

        return answer.WaitAsync(cancellationToken);
    }

    private async Task AskAsync(TaskCompletionSource<T> answer)
    {
        try
        {
            answer.SetResult(await ask());
        }
        catch (Exception e)
        {
            answer.SetException(e);
            // The callers may have stopped waiting; the exception counts as observed then.
            _ = answer.Task.Exception;
        }
    }
}
