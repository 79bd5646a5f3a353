namespace Simmer.Tests.Upgrading;

/// <summary>The statements that a process of the version of commit 9e51af5 sends to its database, exactly as that version has
/// them.</summary>
public interface IOldProcess : IAsyncDisposable
{
    Task RegisterAsync(string queue);

    /// <summary>Renews the lease; false: its row is gone.</summary>
    Task<bool> BeatAsync();

    /// <summary>Takes or renews a hold on an upkeep; false: another worker has it.</summary>
    Task<bool> HoldAsync(string name);

    /// <summary>Takes the worker's row away, with its holds.</summary>
    Task DeregisterAsync();

    /// <summary>Pauses or resumes a queue.</summary>
    Task SetQueueAsync(string queue, bool paused);

    /// <summary>A flush that stores a job.</summary>
    Task EnqueueAsync(JobId id, string queue, string kind, string payload);

    /// <summary>A flush that claims what is ready.</summary>
    Task<IReadOnlyList<(JobId Id, int Run, string Payload)>> ClaimAsync(string queue, string kind);

    /// <summary>A flush that notes progress.</summary>
    Task NoteAsync(JobId id, int run, double fraction, string text);

    /// <summary>A flush that settles a success, kept or not; false: the lease was lost.</summary>
    Task<bool> SucceedAsync(JobId id, int run, bool keep);
}
