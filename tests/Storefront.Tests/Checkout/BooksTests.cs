using Dapper;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Simmer;
using Storefront.Checkout;
using Storefront.Shared;
using Storefront.SignUp;
using Storefront.Tests.App;

namespace Storefront.Tests.Checkout;

/// <summary>The work of the steps of an order, each done twice, as after a kill between the work and its settlement. No jobs, no
/// HTTP.</summary>
public sealed class BooksTests : IDisposable
{
    private const string Key = "the-same-in-every-attempt";

    private readonly TemporaryDirectory _directory = new();
    private readonly ShopDatabase _shop;
    private readonly OrderStore _orders;
    private readonly Till _till;
    private readonly StockRoom _stock;
    private readonly InvoiceBook _invoices;
    private readonly Confirmations _mails;

    public BooksTests()
    {
        var data = DataDirectory.Open(
            new ConfigurationBuilder().AddInMemoryCollection([new("Storefront:DataDirectory", _directory.Path)]).Build(),
            Host.CreateEmptyApplicationBuilder(new() { ContentRootPath = _directory.Path }).Environment);
        var options = Options.Create(new StorefrontOptions { GatewayDelay = TimeSpan.Zero });
        var gateway = new SlowGateway(options, TimeProvider.System);
        _shop = new ShopDatabase(data);
        _orders = new OrderStore(_shop, TimeProvider.System);
        _till = new Till(new CardGateway(gateway, options, TimeProvider.System), _orders, _shop);
        _stock = new StockRoom(_orders, gateway, _shop);
        _invoices = new InvoiceBook(gateway, _shop);
        _mails = new Confirmations(new MailFolder(data, options), gateway, _orders, _shop, TimeProvider.System);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task APaymentTakenTwiceIsChargedOnce()
    {
        var order = await OrderAsync();

        var first = await _till.ChargeAsync(order, Key, Token);
        var second = await _till.ChargeAsync(order, Key, Token);

        second.ShouldBe(first);
        (await CountAsync("SELECT count(*) FROM payments")).ShouldBe(1);
    }

    [Fact]
    public async Task ARefundGivenTwiceIsGivenOnce()
    {
        var receipt = (await _till.ChargeAsync(await OrderAsync(), Key, Token)).ShouldNotBeNull();

        await _till.RefundAsync(receipt, "refund-1", Token);
        await _till.RefundAsync(receipt, "refund-2", Token);

        (await CountAsync("SELECT count(*) FROM payments WHERE refund = 'refund-1'")).ShouldBe(1);
    }

    [Fact]
    public async Task APieceReservedTwiceIsOnePieceAndReleasedTwiceIsBackOnce()
    {
        var order = await OrderAsync();

        var first = (await _stock.ReserveAsync(order, Key, Token)).Value.ShouldNotBeNull();
        (await _stock.ReserveAsync(order, Key, Token)).Value.ShouldBe(first);
        (await CountAsync("SELECT pieces FROM stock")).ShouldBe(9_999);

        await _stock.ReleaseAsync(first, Token);
        await _stock.ReleaseAsync(first, Token);
        (await CountAsync("SELECT pieces FROM stock")).ShouldBe(10_000);
    }

    [Fact]
    public async Task OfManyWhoWantTheLastPieceOneGetsIt()
    {
        var first = await OrderAsync();
        await _stock.ReserveAsync(first, Key, Token);
        await CountAsync("UPDATE stock SET pieces = 1 RETURNING pieces");
        var orders = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => OrderAsync()));

        var verdicts = await Task.WhenAll(orders.Select(order => _stock.ReserveAsync(order, order.ToString(), Token)));

        verdicts.Count(verdict => verdict.Value is not null).ShouldBe(1);
        verdicts.Count(verdict => verdict.Verdict is { Kind: VerdictKind.Fail, Reason: "Somebody else took the last Copper saucepan." })
            .ShouldBe(7);
        (await CountAsync("SELECT pieces FROM stock")).ShouldBe(0);
    }

    [Fact]
    public async Task AnInvoiceWrittenTwiceKeepsItsNumber()
    {
        var order = await OrderAsync();

        var first = await _invoices.WriteAsync(order, new Receipt(Key, 8_900), Token);
        await _invoices.WriteAsync(await OrderAsync(), new Receipt(Key, 8_900), Token);

        (await _invoices.WriteAsync(order, new Receipt(Key, 8_900), Token)).ShouldBe(first);
        (await CountAsync("SELECT count(*) FROM invoices")).ShouldBe(2);
    }

    [Fact]
    public async Task AConfirmationSentTwiceIsOneMail()
    {
        var order = await OrderAsync();

        await _mails.SendAsync(order, new Receipt(Key, 8_900), new Invoice(1), Key, Token);
        await _mails.SendAsync(order, new Receipt(Key, 8_900), new Invoice(1), Key, Token);

        Directory.EnumerateFiles(_directory["mail"]).ShouldHaveSingleItem();
        (await CountAsync("SELECT count(*) FROM confirmations")).ShouldBe(1);
    }

    private async Task<Guid> OrderAsync() =>
        (await _orders.AddAsync(new NewOrder(Guid.NewGuid(), "saucepan", "ada@example.org", CardGateway.Good), Token)).Id;

    private async Task<long> CountAsync(string sql)
    {
        await using var connection = await _shop.OpenAsync(Token);
        return await connection.ExecuteScalarAsync<long>(sql);
    }
}
