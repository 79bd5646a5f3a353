using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Storefront.Tests.App;

namespace Storefront.Tests.Http;

public sealed class CheckoutTests(RunningShop running)
{
    private readonly Guid _order = Guid.NewGuid();

    private Shop Shop => running.Shop;

    [Fact]
    public async Task AnOrderIsPaidReservedInvoicedAndConfirmed()
    {
        var workflow = await Shop.OrderAsync(_order);

        var ended = await Shop.FinishedAsync(workflow);

        ended.State().ShouldBe("succeeded");
        foreach (var step in (string[])["payment", "stock", "invoice", "confirmation"])
        {
            ended.Step(step).State().ShouldBe("succeeded", step);
        }

        var books = await Shop.BooksAsync(_order);
        (books.ChargedCents, books.RefundedCents, books.Reserved, books.Released).ShouldBe((8_900, 0, true, false));
        var mail = await Shop.Http.GetFromJsonAsync<JsonElement>($"/mails/{books.Mail}", TestContext.Current.CancellationToken);
        mail.GetProperty("to").GetString().ShouldBe("ada@example.org");
        mail.GetProperty("text").GetString().ShouldNotBeNull()
            .ShouldContain($"We took EUR 89.00 from your card; your invoice is no. {books.Invoice}.");
    }

    [Fact]
    public async Task StockAndInvoiceAreDoneSideBySide()
    {
        var ended = await Shop.FinishedAsync(await Shop.OrderAsync(_order));

        var (stock, invoice) = (ended.Step("stock"), ended.Step("invoice"));
        stock.GetProperty("startedAt").GetDateTimeOffset().ShouldBeLessThan(invoice.GetProperty("finishedAt").GetDateTimeOffset());
        invoice.GetProperty("startedAt").GetDateTimeOffset().ShouldBeLessThan(stock.GetProperty("finishedAt").GetDateTimeOffset());
    }

    [Fact]
    public async Task ADeclinedCardStopsTheChainAndNothingIsRefunded()
    {
        var ended = await Shop.FinishedAsync(await Shop.OrderAsync(_order, card: "card-declined"));

        ended.State().ShouldBe("failed");
        ended.Step("payment").State().ShouldBe("failed");
        ended.Step("payment").GetProperty("attempt").GetInt32().ShouldBe(1);
        ended.Step("payment").GetProperty("reason").GetString().ShouldBe("The card was declined.");
        foreach (var step in (string[])["stock", "invoice", "confirmation", "payment/undo", "stock/undo"])
        {
            ended.Step(step).State().ShouldBe("skipped", step);
        }

        (await Shop.BooksAsync(_order)).ShouldBe(new Books(0, 0, false, false, null, null));
    }

    [Fact]
    public async Task WhatSomebodyElseTookIsRefundedWithoutAMail()
    {
        var ended = await Shop.FinishedAsync(await Shop.OrderAsync(_order, product: "fish-kettle"));

        ended.State().ShouldBe("failed");
        ended.Step("stock").GetProperty("reason").GetString().ShouldBe("Somebody else took the last Antique fish kettle.");
        (ended.Step("payment").State(), ended.Step("payment/undo").State()).ShouldBe(("succeeded", "succeeded"));
        (ended.Step("stock/undo").State(), ended.Step("confirmation").State()).ShouldBe(("skipped", "skipped"));
        var books = await Shop.BooksAsync(_order);
        (books.ChargedCents, books.RefundedCents, books.Reserved, books.Mail).ShouldBe((24_900, 24_900, false, null));
    }

    [Fact]
    public async Task ASlowPaymentIsCancelledBeforeItIsTaken()
    {
        var workflow = await Shop.OrderAsync(_order, card: "card-slow");
        await Shop.StepAsync(workflow, "payment", "running");

        await CancelAsync(workflow);

        var ended = await Shop.FinishedAsync(workflow);
        ended.State().ShouldBe("cancelled");
        ended.Step("payment").State().ShouldBe("cancelled");
        (await Shop.BooksAsync(_order)).ShouldBe(new Books(0, 0, false, false, null, null));
    }

    [Fact]
    public async Task AnOrderCancelledOnceItIsPaidIsRefundedAndThePieceIsBackOnTheShelf()
    {
        using var data = new TemporaryDirectory();
        using var shop = await Shop.StartAsync(data.Path, "Storefront:GatewayDelay=00:00:02");
        var workflow = await shop.OrderAsync(_order);
        await shop.StepAsync(workflow, "confirmation", "running");
        (await shop.QueryAsync<long>("SELECT pieces FROM stock WHERE product_id = 'saucepan'")).ShouldBe(9_999);

        using var answer = await shop.Http.PostAsync($"{workflow.AbsolutePath}/cancel", null, TestContext.Current.CancellationToken);

        (await shop.FinishedAsync(workflow)).State().ShouldBe("cancelled");
        var books = await shop.BooksAsync(_order);
        (books.ChargedCents, books.RefundedCents, books.Reserved, books.Released, books.Mail).ShouldBe((8_900, 8_900, false, true, null));
        (await shop.QueryAsync<long>("SELECT pieces FROM stock WHERE product_id = 'saucepan'")).ShouldBe(10_000);
    }

    [Fact]
    public async Task AnOrderThatIsSentManyTimesAtOnceIsOneOrder()
    {
        var workflows = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Shop.OrderAsync(_order)));

        workflows.Distinct().ShouldHaveSingleItem();
        (await Shop.FinishedAsync(workflows[0])).State().ShouldBe("succeeded");
        (await Shop.QueryAsync<long>("SELECT count(*) FROM payments WHERE order_id = @order", new { order = _order.ToString() }))
            .ShouldBe(1);

        // The same request later, when the order is done: nothing changes.
        (await Shop.OrderAsync(_order)).ShouldBe(workflows[0]);
        (await Shop.QueryAsync<long>("SELECT count(*) FROM payments WHERE order_id = @order", new { order = _order.ToString() }))
            .ShouldBe(1);
    }

    [Fact]
    public async Task AnIdThatStandsForAnotherOrderIsRefused()
    {
        await Shop.OrderAsync(_order);

        using var response = await Shop.PostOrderAsync(_order, product: "kettle");

        response.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("detail").GetString()
            .ShouldNotBeNull().ShouldContain("A new order needs a new id.");
    }

    [Theory]
    [InlineData("yacht", "card-good", "ada@example.org", "There is no product 'yacht'.")]
    [InlineData("saucepan", "4242 4242 4242 4242", "ada@example.org", "There is no card '4242 4242 4242 4242'.")]
    [InlineData("saucepan", "card-good", "nobody", "This is not an e-mail address.")]
    [InlineData("", "card-good", "ada@example.org", "required")]
    public async Task AnOrderThatCannotBeFilledIsRefused(string product, string card, string email, string problem)
    {
        using var response = await Shop.PostOrderAsync(_order, product, card, email);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        response.Content.Headers.ContentType?.MediaType.ShouldBe("application/problem+json");
        (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Replace("\\u0027", "'").ShouldContain(problem);
        (await Shop.QueryAsync<long>("SELECT count(*) FROM orders WHERE id = @order", new { order = _order.ToString() })).ShouldBe(0);
    }

    [Fact]
    public async Task AnOrderWithoutAnIdIsRefused()
    {
        using var response = await Shop.PostOrderAsync(Guid.Empty);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task AnUnknownOrderIsNotFound() =>
        (await Shop.Http.GetAsync($"/orders/{_order}", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.NotFound);

    private async Task CancelAsync(Uri workflow)
    {
        using var answer = await Shop.Http.PostAsync($"{workflow.AbsolutePath}/cancel", null, TestContext.Current.CancellationToken);
        answer.IsSuccessStatusCode.ShouldBeTrue();
    }
}
