namespace Simmer.Sqlite;

/// <summary>Signals the writer's commits to other processes, and notices theirs.</summary>
/// <param name="Waker">Wakes the writer's thread.</param>
/// <param name="Signals">Tells other processes.</param>
/// <param name="Wakeups">Listens for other connections.</param>
/// <param name="Workers">The workers that need no signal.</param>
internal sealed record WriterHints(ThreadWaker Waker, SignalFile Signals, SqliteWakeups Wakeups, OwnWorkers Workers);
