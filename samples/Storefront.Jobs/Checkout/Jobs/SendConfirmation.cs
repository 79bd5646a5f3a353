using Simmer;

namespace Storefront.Checkout;

/// <summary>Sends the mail that confirms an order.</summary>
[Job("send-confirmation", Queue = "mail", MaxAttempts = 8, TimeLimitSeconds = 30)]
public sealed record SendConfirmation(Guid Order) : IJob;
