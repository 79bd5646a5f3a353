using Microsoft.Extensions.Time.Testing;

namespace Simmer.Tests.Engine;

/// <summary>Waits for what nothing announces.</summary>
internal static class Until
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    public static Task True(Func<bool> condition, string what) => TrueAsync(() => Task.FromResult(condition()), what);

    /// <summary>The same of what is asked for asynchronously: blocking for it could wait for a thread that runs a test.</summary>
    public static async Task TrueAsync(Func<Task<bool>> condition, string what)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            TimeProvider.System.GetElapsedTime(started).ShouldBeLessThan(s_patience, what);
            await Task.Delay(2, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Lets simulated time pass in small steps until something is so.</summary>
    public static Task Passes(this FakeTimeProvider time, Func<bool> condition, string what, double stepSeconds = 0.25) => True(
        () =>
        {
            if (condition())
            {
                return true;
            }

            time.Advance(TimeSpan.FromSeconds(stepSeconds));
            return false;
        },
        what);

    public static async Task<T> Passes<T>(this FakeTimeProvider time, Task<T> task, string what, double stepSeconds = 0.25)
    {
        await time.Passes(() => task.IsCompleted, what, stepSeconds);
        return await task;
    }
}
