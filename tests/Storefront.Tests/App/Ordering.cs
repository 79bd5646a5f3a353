using System.Net.Http.Json;
using System.Text.Json;

namespace Storefront.Tests.App;

/// <summary>The steps of tests that order something.</summary>
public static class Ordering
{
    /// <summary>Orders and gives where its workflow is.</summary>
    public static async Task<Uri> OrderAsync(this Shop shop, Guid order, string product = "saucepan", string card = "card-good") =>
        await shop.AcceptedAsync(await shop.PostOrderAsync(order, product, card));

    public static Task<HttpResponseMessage> PostOrderAsync(this Shop shop, Guid order, string product = "saucepan",
        string card = "card-good", string email = "ada@example.org") =>
        shop.Http.PostAsJsonAsync("/checkout", new { order, product, card, email }, TestContext.Current.CancellationToken);

    /// <summary>Reads what the shop has booked for an order.</summary>
    public static async Task<Books> BooksAsync(this Shop shop, Guid order) =>
        (await shop.Http.GetFromJsonAsync<Books>($"/orders/{order}", JsonSerializerOptions.Web, TestContext.Current.CancellationToken))!;
}

/// <summary>What the shop has booked for an order.</summary>
public sealed record Books(long ChargedCents, long RefundedCents, bool Reserved, bool Released, long? Invoice, Guid? Mail);
