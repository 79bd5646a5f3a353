namespace Simmer.CrashTests.Worker;

/// <summary>Ends this process at the point that its life says.</summary>
internal sealed class KillSwitch(WorkerLife life)
{
    private int _met;

    /// <summary>Whether there is such a point.</summary>
    public bool IsSet => life.Kill is not null;

    /// <summary>Something is about to be committed.</summary>
    public void Before(string verb)
    {
        if (IsDue(verb, KillWhen.Before))
        {
            Death.Now();
        }
        else if (IsDue(verb, KillWhen.During))
        {
            File.WriteAllBytes(life.FaultGate, []);
        }
    }

    /// <summary>Called when the store has committed and before the engine gets the answer.</summary>
    public void After(string verb)
    {
        if (IsDue(verb, KillWhen.After))
        {
            Death.Now();
        }
    }

    private bool IsDue(string verb, KillWhen when) =>
        life.Kill is { } point && point.When == when && point.Verb == verb && Interlocked.Increment(ref _met) == point.Nth;
}
