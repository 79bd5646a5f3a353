namespace Simmer.Storage;

/// <summary>Hints that another process changed the store. They may get lost or come for nothing: a poll runs underneath.</summary>
public interface IWakeups
{
    /// <summary>Calls back on every hint until disposed; on any thread, and the callback returns at once.</summary>
    /// <param name="onHint">Called on a hint with the queues that have jobs ready, if nothing else is said; with none if anything may have
    /// changed.</param>
    /// <returns>Ends the calls when disposed.</returns>
    IDisposable Listen(Action<IReadOnlyCollection<string>> onHint);
}
