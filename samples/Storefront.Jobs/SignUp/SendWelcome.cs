using Simmer;

namespace Storefront.SignUp;

/// <summary>Sends the welcome mail to somebody who has just signed up.</summary>
[Job("send-welcome", Queue = "mail", MaxAttempts = 8, TimeLimitSeconds = 30)]
public sealed record SendWelcome(string Email, string Name) : IJob;
