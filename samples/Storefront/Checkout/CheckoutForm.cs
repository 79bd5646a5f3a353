using System.ComponentModel.DataAnnotations;
using Storefront.Shared;

namespace Storefront.Checkout;

/// <summary>What the checkout sends.</summary>
public sealed record CheckoutForm(
    Guid Order,
    [property: Required, StringLength(40)] string Product,
    [property: Required, StringLength(40)] string Card,
    [property: Required, Mailbox, StringLength(254)] string Email) : IValidatableObject
{
    public NewOrder ToOrder() => new(Order, Product, Email, Card);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Order == Guid.Empty)
        {
            yield return new ValidationResult(
                "An order needs an id of its own: make up a UUID, and send the same one again if you are not sure whether it arrived.",
                [nameof(Order)]);
        }

        if (Wares.Find(Product) is null)
        {
            yield return new ValidationResult(
                $"There is no product '{Product}'. There are: {string.Join(", ", Wares.All.Select(ware => ware.Id))}.", [nameof(Product)]);
        }

        if (!CardGateway.Cards.Contains(Card))
        {
            yield return new ValidationResult($"There is no card '{Card}'. There are: {string.Join(", ", CardGateway.Cards)}.",
                [nameof(Card)]);
        }
    }
}
