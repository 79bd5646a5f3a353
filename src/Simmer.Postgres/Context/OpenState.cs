using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>Whether the store is open: verbs are refused before its start and after its end.</summary>
/// <param name="server">The server's address, for messages.</param>
internal sealed class OpenState(string server)
{
    private volatile bool _isOpen;
    private volatile bool _isClosed;

    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public void ThrowIfClosed() => ObjectDisposedException.ThrowIf(_isClosed, typeof(IJobStore));

    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    /// <exception cref="InvalidOperationException">The store was not started.</exception>
    public void ThrowIfNotOpen()
    {
        ThrowIfClosed();
        if (!_isOpen)
        {
            throw StoreRules.NotStarted($"PostgreSQL at {server}");
        }
    }

    public void Open() => _isOpen = true;

    /// <summary>Closes it for good.</summary>
    /// <returns>Whether it was not closed before.</returns>
    public bool TryClose()
    {
        var was = _isClosed;
        _isClosed = true;
        return !was;
    }
}
