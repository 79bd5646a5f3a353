using Simmer.AfterResponse;

namespace Simmer.AspNetCore.AfterResponse;

/// <summary>A scoped service that knows the request of its DI scope. In a scope without a request nobody sets one.</summary>
internal sealed class RequestSignal : IResponseSignal
{
    public RequestServices? Request { get; set; }

    public AfterResponseBatch? Register(BackgroundTasks tasks) => Request?.Register(tasks);
}
