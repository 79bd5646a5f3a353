using Simmer.AfterResponse;

namespace Simmer.AspNetCore.AfterResponse;

/// <summary>Scoped: knows the request that its scope serves; a scope that serves none was never told one.</summary>
internal sealed class RequestSignal : IResponseSignal
{
    public RequestServices? Request { get; set; }

    public AfterResponseBatch? Register(BackgroundTasks tasks) => Request?.Register(tasks);
}
