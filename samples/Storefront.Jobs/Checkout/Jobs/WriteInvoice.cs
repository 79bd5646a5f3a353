using Simmer;

namespace Storefront.Checkout;

/// <summary>Writes the invoice for an order that is paid.</summary>
[Job("write-invoice", Queue = "checkout")]
public sealed record WriteInvoice(Guid Order) : IJob<Invoice>;

/// <summary>An invoice was written.</summary>
/// <param name="Number">Its number.</param>
public sealed record Invoice(long Number);
