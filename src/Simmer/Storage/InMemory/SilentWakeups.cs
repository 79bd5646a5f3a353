namespace Simmer.Storage.InMemory;

/// <summary>Gives no hints, because no other process can change this store.</summary>
internal sealed class SilentWakeups : IWakeups, IDisposable
{
    public static readonly SilentWakeups Instance = new();

    public IDisposable Listen(Action<IReadOnlyCollection<string>> onHint) => this;

    public void Dispose()
    {
        // Nothing was begun.
    }
}
