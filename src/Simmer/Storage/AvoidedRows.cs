using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Simmer.Storage;

/// <summary>Remembers rows to which the database refuses every write. They are left alone for a while, from 10 seconds to half an hour,
/// longer each time, so that they do not hold up other rows. Only this process knows of them; another finds them in the same way.</summary>
/// <typeparam name="TKey">The key of a row.</typeparam>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public sealed class AvoidedRows<TKey>
    where TKey : notnull
{
    private static readonly TimeSpan s_first = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(30);

    private readonly ConcurrentDictionary<TKey, (DateTimeOffset Since, TimeSpan Pause)> _rows = new();

    // Kept beside the dictionary, because every claim asks, and a ConcurrentDictionary takes all its locks to say that it is empty.
    private volatile bool _any;

    /// <summary>Leaves a row alone from now on.</summary>
    /// <param name="row">The row.</param>
    /// <param name="now">The present time.</param>
    /// <returns>For how long.</returns>
    public TimeSpan Avoid(TKey row, DateTimeOffset now)
    {
        var avoided = _rows.AddOrUpdate(
            row,
            static (_, at) => (at, s_first),
            static (_, before, at) => (at, before.Pause * 2 < s_longest ? before.Pause * 2 : s_longest),
            now);
        _any = true;
        return avoided.Pause;
    }

    /// <summary>The rows that are still left alone. A row whose time has been over for as long again is forgotten, and so are all rows from
    /// before a jump of the clock.</summary>
    /// <param name="now">The present time.</param>
    /// <returns>The rows.</returns>
    public TKey[] Present(DateTimeOffset now)
    {
        if (!_any)
        {
            return [];
        }

        foreach (var (row, avoided) in _rows)
        {
            if (now < avoided.Since || now - avoided.Since > avoided.Pause * 2)
            {
                _ = _rows.TryRemove(KeyValuePair.Create(row, avoided));
            }
        }

        return [.. _rows.Where(r => now - r.Value.Since < r.Value.Pause).Select(static r => r.Key)];
    }
}
