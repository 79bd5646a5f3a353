using Simmer;

namespace Storefront.Checkout;

/// <summary>Takes the money for an order.</summary>
[Job("take-payment", Queue = "checkout", TimeLimitSeconds = 300)]
public sealed record TakePayment(Guid Order) : IJob<Receipt>;

/// <summary>Gives the money back: the undo of <see cref="TakePayment"/>, whose receipt it takes.</summary>
[Job("refund-payment", Queue = "checkout")]
public sealed record RefundPayment(Guid Order) : IJob;

/// <summary>Money was taken.</summary>
/// <param name="Payment">The payment's key at the card gateway.</param>
/// <param name="Cents">How much.</param>
public sealed record Receipt(string Payment, long Cents);
