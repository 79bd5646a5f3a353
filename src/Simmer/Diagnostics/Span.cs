using System.Diagnostics;

namespace Simmer.Diagnostics;

/// <summary>Guards an activity against listeners and samplers that throw. The trace suffers then, and not the work.</summary>
internal readonly struct Span : IDisposable
{
    private readonly Activity? _outer;

    private Span(Activity? activity, Activity? outer) => (Activity, _outer) = (activity, outer);

    /// <summary>The activity; null if nobody listens, if it is not sampled, or if a listener threw.</summary>
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
            // The activity becomes the current one before its listeners are called, so the former one has to be put back.
            Activity.Current = outer;
            return default;
        }
    }

    /// <summary>Adds to the activity what is known at the end.</summary>
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
            // The listeners are called before the outer activity becomes current again, so it has to be put back here.
            Activity.Current = _outer;
        }
    }
}
