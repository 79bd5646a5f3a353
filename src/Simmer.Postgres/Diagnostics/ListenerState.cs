namespace Simmer.Postgres;

/// <summary>Whether the connection that listens for notifications is there: written by the listener, read by the meters.</summary>
internal sealed class ListenerState
{
    private volatile bool _isListening;

    public bool IsListening
    {
        get => _isListening;
        set => _isListening = value;
    }
}
