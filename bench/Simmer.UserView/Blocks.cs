namespace Simmer.UserView;

/// <summary>A job that blocks its thread.</summary>
[Job("block")]
public sealed record Block : IJob;

/// <summary>The queues of <see cref="Block"/>, and what it does.</summary>
internal static class Blocks
{
    public const string Shared = "blocking-shared";
    public const string Dedicated = "blocking-dedicated";
    public const int Slots = 16;

    /// <summary>For how long each blocks.</summary>
    public static readonly TimeSpan Time = TimeSpan.FromSeconds(1);

    public static Task Run(CancellationToken cancellationToken)
    {
        _ = cancellationToken.WaitHandle.WaitOne(Time);
        return Task.CompletedTask;
    }
}
