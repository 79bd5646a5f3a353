using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;
using Simmer.AspNetCore.AfterResponse;

namespace Simmer.AspNetCore.Tests.Tasks;

/// <summary>What a request costs that adds no task. It is counted in bytes, which do not depend on the machine.</summary>
public sealed class CostTests
{
    // Without optimisation, state machines are objects of their own.
#if DEBUG
    private const int Budget = 260;
#else
    private const int Budget = 160;
#endif

    private readonly ServiceProvider _services = new ServiceCollection().AddSimmer().Services.AddScoped<Scoped>().BuildServiceProvider();
    private TaskCompletionSource _pipeline = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_request_that_adds_nothing_pays_little(bool waits)
    {
        RequestDelegate endpoint = context =>
        {
            context.RequestServices.GetRequiredService<Scoped>();
            return waits ? _pipeline.Task : Task.CompletedTask;
        };
        var middleware = new AfterResponseMiddleware(endpoint, _services.GetRequiredService<IServiceScopeFactory>(), NullLogger.Instance);

        var (plainBytes, plainTime) = Measure(endpoint, waits);
        var (bytes, time) = Measure(middleware.InvokeAsync, waits);

        TestContext.Current.TestOutputHelper!.WriteLine($"{bytes - plainBytes} B, {(time - plainTime).TotalNanoseconds:N0} ns");
        (bytes - plainBytes).ShouldBeLessThanOrEqualTo(Budget);
    }

    // The quickest of many short batches: others use this machine too.
    private (long Bytes, TimeSpan Time) Measure(RequestDelegate pipeline, bool waits)
    {
        const int Batches = 200, Requests = 200;
        Run(pipeline, waits, Batches * Requests);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var quickest = TimeSpan.MaxValue;
        for (var i = 0; i < Batches; i++)
        {
            var watch = Stopwatch.StartNew();
            Run(pipeline, waits, Requests);
            quickest = TimeSpan.FromTicks(Math.Min(quickest.Ticks, watch.Elapsed.Ticks));
        }

        return ((GC.GetAllocatedBytesForCurrentThread() - before) / (Batches * Requests), quickest / Requests);
    }

    private void Run(RequestDelegate pipeline, bool waits, int requests)
    {
        for (var i = 0; i < requests; i++)
        {
            var context = new DefaultHttpContext { ServiceScopeFactory = _services.GetRequiredService<IServiceScopeFactory>() };
            context.Features.Set<IHttpResponseFeature>(new Response());
            _pipeline = new TaskCompletionSource();
            var task = pipeline(context);
            if (waits)
            {
                _pipeline.SetResult();
            }

            task.IsCompletedSuccessfully.ShouldBeTrue();
        }
    }

    internal sealed class Scoped;

    private sealed class Response : HttpResponseFeature
    {
        public override void OnCompleted(Func<object, Task> callback, object state)
        {
            // The release of the scope costs the same with and without.
        }
    }
}
