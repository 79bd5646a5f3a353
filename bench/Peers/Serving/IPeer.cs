namespace Peers.Serving;

/// <summary>A queue, as the process that is asked to enqueue or to work sees it. Disposing stops the worker once its jobs are
/// settled.</summary>
internal interface IPeer : IAsyncDisposable
{
    IReadOnlyDictionary<string, string> Versions { get; }

    /// <summary>Connects as a client, and makes the tables if they are missing. A process that works already is a client as it
    /// is.</summary>
    Task PrepareAsync();

    Task AddAsync(Note note);

    /// <summary>Enqueues many in one call.</summary>
    Task AddManyAsync(IReadOnlyList<Note> notes);

    /// <summary>Starts the worker of this process.</summary>
    Task WorkAsync();
}
