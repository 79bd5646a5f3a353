using System.Diagnostics;

namespace Simmer.Diagnostics;

/// <summary>An activity whose listeners and samplers may throw: the trace suffers then, and not the work.</summary>
internal readonly struct Span : IDisposable
{
    private readonly Activity? _outer;

    private Span(Activity? activity, Activity? outer) => (Activity, _outer) = (activity, outer);

    /// <summary>Null: nobody listens, nobody samples, or a listener threw.</summary>
    public Activity? Activity { get; }

    /// <param name="state">What the activity is made of.</param>
    /// <param name="start">Starts it, with its tags.</param>
    public static Span Start<TState>(TState state, Func<TState, Activity?> start)
    {
        var outer = Activity.Current;
        try
        {
            return new Span(start(state), outer);
        }
        catch (Exception)
        {
            // It is the current one before its listeners are told.
            Activity.Current = outer;
            return default;
        }
    }

    /// <summary>Adds what is known at the end.</summary>
    public void Tell<TState>(TState state, Action<Activity, TState> tell)
    {
        if (Activity is null)
        {
            return;
        }

        try
        {
            tell(Activity, state);
        }
        catch (Exception)
        {
            return;
        }
    }

    public void Dispose()
    {
        try
        {
            Activity?.Dispose();
        }
        catch (Exception)
        {
            // Its listeners are told before the outer one is current again.
            Activity.Current = _outer;
        }
    }
}
