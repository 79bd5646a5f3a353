using System.Diagnostics.CodeAnalysis;

namespace Simmer.Storage;

/// <summary>Hints that another process has changed the store. A hint may get lost, or come without a reason, so the engine polls as
/// well.</summary>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public interface IWakeups
{
    /// <summary>Calls back on every hint until disposed; on any thread, and the callback returns at once.</summary>
    /// <param name="onHint">Called on each hint. If all that has changed is that queues have ready jobs, it is given those queues; an empty
    /// list means that anything may have changed.</param>
    /// <returns>Ends the calls when disposed.</returns>
    IDisposable Listen(Action<IReadOnlyCollection<string>> onHint);
}
