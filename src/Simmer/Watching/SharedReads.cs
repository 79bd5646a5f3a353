using Simmer.Runtime;

namespace Simmer.Watching;

/// <summary>Answers many callers with few reads. Callers that ask while a read is under way are answered together by the next
/// one.</summary>
/// <remarks>The read that is under way would be too old for them: what they ask for may have changed since it began.</remarks>
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
            // If one of them cannot be read, the others must still be answered: read the two halves separately.
            var half = part.Count / 2;
            await AnswerAsync(part[..half]);
            await AnswerAsync(part[half..]);
        }
        catch (Exception e)
        {
            foreach (var (_, answer) in part)
            {
                _ = answer.TrySetException(e);
                // The caller may have stopped waiting; its exception counts as observed then.
                _ = answer.Task.Exception;
            }
        }
    }
}
