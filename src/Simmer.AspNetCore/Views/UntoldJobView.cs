namespace Simmer.AspNetCore.Views;

/// <summary>The answer about a job that was there before, to a client that may not know which one it is.</summary>
/// <param name="Duplicate">True: nothing was enqueued.</param>
/// <param name="Reason">Why the job is not named.</param>
internal sealed record UntoldJobView(bool Duplicate, string Reason);
