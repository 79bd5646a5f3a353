namespace Peers.Measuring;

/// <summary>The measurements in microseconds, on an idle system.</summary>
internal enum Wait
{
    /// <summary>From the call that enqueues a job, or sends a request, to the first line of its handler in another process.</summary>
    Start,

    /// <summary>The same in the process that enqueues.</summary>
    StartHere,

    /// <summary>From the last byte of the response to the first line of the task: less than nothing if the client reads later than the task
    /// begins.</summary>
    AfterResponse,
}
