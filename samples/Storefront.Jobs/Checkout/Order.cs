namespace Storefront.Checkout;

/// <summary>An order as the page sends it.</summary>
/// <param name="Id">Made by the page: the same for a second click and a second try.</param>
/// <param name="Product">One of the <see cref="Wares"/>.</param>
/// <param name="Email">Where the confirmation goes.</param>
/// <param name="Card">A token of the card gateway; no shop keeps the number itself.</param>
public sealed record NewOrder(Guid Id, string Product, string Email, string Card);

/// <summary>An order as the shop's database knows it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Number">Its number, for people.</param>
/// <param name="ProductId">What was ordered.</param>
/// <param name="Product">Its name.</param>
/// <param name="PriceCents">Its price at that time.</param>
/// <param name="Email">Where the confirmation goes.</param>
/// <param name="Card">The card's token.</param>
public sealed record Order(Guid Id, long Number, string ProductId, string Product, long PriceCents, string Email, string Card)
{
    public bool Is(NewOrder wanted) => (Id, ProductId, Email, Card) == (wanted.Id, wanted.Product, wanted.Email, wanted.Card);
}

/// <summary>An order in the list.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Number">Its number.</param>
/// <param name="Product">What was ordered.</param>
/// <param name="Workflow">What is done for it.</param>
public sealed record OrderSummary(Guid Id, long Number, string Product, Guid Workflow);

/// <summary>What became of an order, read from the shop's books and not from the jobs.</summary>
/// <param name="Order">The order.</param>
/// <param name="ChargedCents">The amount that was charged; 0: nothing.</param>
/// <param name="RefundedCents">The amount that was refunded.</param>
/// <param name="Reserved">A piece lies ready for this order.</param>
/// <param name="Released">A piece lay ready and was put back.</param>
/// <param name="Invoice">The invoice's number, if one was written.</param>
/// <param name="Mail">The confirmation's key, if it was sent: see <c>GET /mails/{key}</c>.</param>
public sealed record OrderOutcome(OrderSummary Order, long ChargedCents, long RefundedCents, bool Reserved, bool Released, long? Invoice,
    Guid? Mail);
