namespace Simmer.AfterResponse;

/// <summary>The end of what a DI scope serves. ASP.NET Core's part implements it for the response of the scope's request.</summary>
internal interface IResponseSignal
{
    /// <summary>Promises to call <see cref="BackgroundTasks.Complete"/> once the response is sent.</summary>
    /// <returns>The batch to fill, marked with where it comes from; null: the scope serves no request, its disposal is the
    /// signal.</returns>
    AfterResponseBatch? Register(BackgroundTasks tasks);
}
