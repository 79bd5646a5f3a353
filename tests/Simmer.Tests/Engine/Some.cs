using Simmer.Storage;

namespace Simmer.Tests.Engine;

/// <summary>Test data: what a test does not name does not matter to it.</summary>
internal static class Some
{
    public static readonly DateTimeOffset Moment = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);

    public static JobDraft Draft(string queue = "default", int maxAttempts = 3, int priority = 0) => new()
    {
        Id = new JobId(Guid.NewGuid()),
        Kind = "greet",
        Queue = queue,
        Item = new Greet("Ada"),
        MaxAttempts = maxAttempts,
        Priority = priority,
    };

    public static JobClaim Claim(int run = 1, int forgiven = 0, int maxAttempts = 3, bool suspect = false) =>
        new(Draft(maxAttempts: maxAttempts), run, forgiven, Moment, suspect ? 1 : 0);
}
