namespace Simmer.AfterResponse;

/// <summary>Tells when the request that a DI scope serves has been answered. Simmer.AspNetCore implements it.</summary>
internal interface IResponseSignal
{
    /// <summary>Promises to call <see cref="BackgroundTasks.Complete"/> once the response is sent.</summary>
    /// <returns>The batch to fill, with the request's method, path and trace; null if the scope serves no request, so that its disposal
    /// starts the tasks.</returns>
    AfterResponseBatch? Register(BackgroundTasks tasks);
}
