namespace Simmer.Execution.Intake;

/// <summary>Sends what waits in a <see cref="FlushIntake"/>. It is called once for a flush, not for each operation.</summary>
internal interface IFlushSender
{
    /// <summary>Sends what waits, on another thread.</summary>
    void StartNext();

    /// <summary>Sends the next flush from the caller's thread, which goes on as soon as the store has it.</summary>
    void RunHere();

    /// <summary>Begins to watch the time limit of callers.</summary>
    void WatchCalls();
}
