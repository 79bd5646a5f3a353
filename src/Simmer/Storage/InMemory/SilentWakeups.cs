namespace Simmer.Storage.InMemory;

/// <summary>No other process can change this store, so there is nothing to tell.</summary>
internal sealed class SilentWakeups : IWakeups, IDisposable
{
    public static readonly SilentWakeups Instance = new();

    public IDisposable Listen(Action<IReadOnlyCollection<string>> onHint) => this;

    public void Dispose()
    {
        // Nothing was begun.
    }
}
