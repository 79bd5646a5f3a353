using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Simmer.Storage;

namespace Simmer.AspNetCore.Overload;

/// <summary>Waits for the store on behalf of a request.</summary>
internal static class StoreAnswer
{
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(1);

    /// <summary>As long as an enqueue would wait for the store; a store that hangs is one that is away. What an application's own code
    /// takes is none of it.</summary>
    /// <exception cref="StoreException">It has not answered in time; transient.</exception>
    public static async Task<T> InTimeAsync<T>(HttpContext context, Task<T> answer)
    {
        var limit = context.RequestServices.GetRequiredService<IOptions<SimmerOptions>>().Value.EnqueueTimeout;
        try
        {
            return await answer.WaitAsync(limit < s_longest ? limit : s_longest,
                context.RequestServices.GetService<TimeProvider>() ?? TimeProvider.System, context.RequestAborted);
        }
        catch (TimeoutException e)
        {
            throw new StoreException($"The store has not answered for {limit} (EnqueueTimeout).", isTransient: true, outcomeUnknown: true,
                inner: e);
        }
    }

    /// <summary>What is asked for an answer that does without it as well; default if the store is away.</summary>
    public static async Task<T?> UnlessAwayAsync<T>(Func<Task<T>> askAsync)
    {
        try
        {
            return await askAsync();
        }
        catch (StoreException e) when (e.IsTransient)
        {
            return default;
        }
    }
}
