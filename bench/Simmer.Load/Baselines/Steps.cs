namespace Simmer.Load.Baselines;

/// <summary>Which part of a job's life a scenario measures; its baselines do the same part.</summary>
[Flags]
internal enum Steps
{
    None = 0,
    Enqueue = 1,
    Run = 2,
    All = Enqueue | Run,
}
