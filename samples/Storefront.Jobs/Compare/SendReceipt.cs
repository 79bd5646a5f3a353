using Simmer;

namespace Storefront.Compare;

/// <summary>The action that is compared, as a durable job.</summary>
[Job("send-receipt", Queue = "mail", MaxAttempts = 8, TimeLimitSeconds = 30)]
public sealed record SendReceipt(string Run) : IJob;
