namespace Simmer.AspNetCore.Jobs;

/// <summary>A job that was there before, for a client that is not told which one it is.</summary>
/// <param name="Duplicate">Nothing was enqueued.</param>
/// <param name="Reason">Why it is not told.</param>
internal sealed record UntoldJobView(bool Duplicate, string Reason);
