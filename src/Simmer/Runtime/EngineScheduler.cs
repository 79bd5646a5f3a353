namespace Simmer.Runtime;

/// <summary>A scheduler on which the whole engine runs, as tests do. Who calls from there is at home, and stays there.</summary>
internal abstract class EngineScheduler : TaskScheduler;
