namespace Storefront.Tests.App;

/// <summary>Waits for something to come about, by looking often and giving up in the end.</summary>
public static class Eventually
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <returns>The value, as soon as there is one.</returns>
    public static async Task<T> GetAsync<T>(string what, Func<Task<T?>> look, TimeSpan? patience = null)
        where T : class
    {
        var start = TimeProvider.System.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        do
        {
            if (await look() is { } found)
            {
                return found;
            }
        }
        while (TimeProvider.System.GetElapsedTime(start) < (patience ?? s_patience) && await timer
            .WaitForNextTickAsync(TestContext.Current.CancellationToken));

        throw new TimeoutException($"Never happened: {what}");
    }

    public static Task TrueAsync(string what, Func<Task<bool>> look, TimeSpan? patience = null) =>
        GetAsync(what, async () => await look() ? what : null, patience);
}
