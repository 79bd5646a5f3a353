using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>Hints between processes by LISTEN and NOTIFY.</summary>
/// <param name="hints">Passes on what is heard.</param>
/// <param name="listener">Listens to others.</param>
/// <param name="state">Whether the listening connection is there.</param>
internal sealed class PostgresWakeups(Hints hints, HintListener listener, ListenerState state) : IWakeups
{
    /// <summary>Whether the listening connection is there.</summary>
    public bool IsListening => state.IsListening;

    public IDisposable Listen(Action<IReadOnlyCollection<string>> onHint) => hints.Listen(onHint);

    public void Start() => listener.Start();
}
