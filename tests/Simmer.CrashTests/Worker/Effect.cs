namespace Simmer.CrashTests.Worker;

/// <summary>One run of a handler, as it writes down what became of it.</summary>
internal sealed class Effect(Effects effects, JobId job, string kind, int run)
{
    public int Run => run;

    /// <summary>It began.</summary>
    public void Started() => effects.Write(job, kind, run, "started");

    /// <summary>It did its work.</summary>
    public void Done() => effects.Write(job, kind, run, "done");

    /// <summary>The handler failed, as the job asked for.</summary>
    public void Threw() => effects.Write(job, kind, run, "threw");

    /// <summary>The handler was told to stop and stops.</summary>
    public void Stopped() => effects.Write(job, kind, run, "stopped");
}
