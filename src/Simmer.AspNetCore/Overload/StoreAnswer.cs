using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Simmer.AspNetCore.Overload;

/// <summary>Waits for answers of the store for a request.</summary>
internal static class StoreAnswer
{
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(1);

    /// <summary>Waits for the store as long as an enqueue would (<c>EnqueueTimeout</c>). A store that hangs counts as one that is away. The
    /// time that the application's own code takes does not count.</summary>
    /// <exception cref="StoreException">The store has not answered in time. The exception is transient.</exception>
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

    /// <summary>Asks the store for something without which the answer is complete as well; default if the store is away.</summary>
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
