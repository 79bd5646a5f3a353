using Simmer.Execution;
using Simmer.Storage;

namespace Simmer.Watching;

/// <summary>Answers many askers by few reads: whoever asks while a read is under way is answered by the next one, together with all others
/// who did.</summary>
/// <remarks>A read that was under way already would be too old for him: what he asks about may have changed since it began.</remarks>
internal sealed class SharedReads<TKey, TValue>(WorkStarter starter, int atOnce,
    Func<IReadOnlyList<TKey>, ValueTask<IReadOnlyList<TValue>>> read)
    where TKey : notnull
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, TaskCompletionSource<TValue>> _asked = [];
    private bool _reads;

    public Task<TValue> ReadAsync(TKey key, CancellationToken cancellationToken)
    {
        TaskCompletionSource<TValue>? answer;
        bool starts;
        lock (_gate)
        {
            if (!_asked.TryGetValue(key, out answer))
            {
                _asked[key] = answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            starts = !_reads;
            _reads = true;
        }

        if (starts)
        {
            starter.Start(() => _ = CarryAsync());
        }

        return cancellationToken.CanBeCanceled ? answer.Task.WaitAsync(cancellationToken) : answer.Task;
    }

    private async Task CarryAsync()
    {
        var part = new List<KeyValuePair<TKey, TaskCompletionSource<TValue>>>();
        while (TryTake(part))
        {
            await AnswerAsync(part);
            part.Clear();
        }
    }

    private bool TryTake(List<KeyValuePair<TKey, TaskCompletionSource<TValue>>> part)
    {
        lock (_gate)
        {
            part.AddRange(_asked.Take(atOnce));
            foreach (var (key, _) in part)
            {
                _ = _asked.Remove(key);
            }

            return _reads = part.Count > 0;
        }
    }

    private async Task AnswerAsync(List<KeyValuePair<TKey, TaskCompletionSource<TValue>>> part)
    {
        try
        {
            var values = await read(part.ConvertAll(static asked => asked.Key));
            for (var i = 0; i < part.Count; i++)
            {
                _ = part[i].Value.TrySetResult(values[i]);
            }
        }
        catch (Exception e) when (part.Count > 1 && e is not StoreException { IsTransient: true })
        {
            // One that cannot be read must not hide the others.
            var half = part.Count / 2;
            await AnswerAsync(part[..half]);
            await AnswerAsync(part[half..]);
        }
        catch (Exception e)
        {
            foreach (var (_, answer) in part)
            {
                _ = answer.TrySetException(e);
                // Whoever asked may have gone.
                _ = answer.Task.Exception;
            }
        }
    }
}
