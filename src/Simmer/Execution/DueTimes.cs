namespace Simmer.Execution;

/// <summary>When the next scheduled job of a store is due, as far as this process knows.</summary>
internal sealed class DueTimes
{
    private readonly Lock _gate = new();
    private DateTimeOffset? _next;

    /// <summary>A job is due earlier than all that were known.</summary>
    public event Action? Earlier;

    /// <summary>The next time; null: none is known.</summary>
    public DateTimeOffset? Next
    {
        get
        {
            lock (_gate)
            {
                return _next;
            }
        }
    }

    /// <summary>A job is due.</summary>
    /// <param name="due">When; null: none is.</param>
    public void Tell(DateTimeOffset? due)
    {
        if (due is null)
        {
            return;
        }

        lock (_gate)
        {
            if (_next <= due)
            {
                return;
            }

            _next = due;
        }

        Earlier?.Invoke();
    }

    /// <summary>All jobs that are due now are being made ready.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _next = null;
        }
    }

    /// <summary>They could not be made ready: they are still due.</summary>
    public void PutBack(DateTimeOffset? due)
    {
        lock (_gate)
        {
            _next = _next < due ? _next : due;
        }
    }
}
