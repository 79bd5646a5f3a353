using Storefront.Tests.App;

namespace Storefront.Tests.Processes;

/// <summary>The journeys of users through the shop, with its jobs in PostgreSQL and not in the file beside its data.</summary>
public sealed class JourneysOnPostgresTests : IClassFixture<JourneysOnPostgresTests.OneShop>
{
    private readonly ShopOnPostgres _place;
    private readonly Shop _shop;

    public JourneysOnPostgresTests(OneShop one) => (_place, _shop) = (one.Place, one.Shop);

    [Fact]
    public void NothingIsKeptInAJobsFile() => File.Exists(Path.Combine(_place.Data, "jobs.db")).ShouldBeFalse();

    [Fact]
    public async Task ASignUpThatIsClickedTwiceIsOneMail()
    {
        var first = await _shop.SignUpAsync("ada@example.org");
        var second = await _shop.SignUpAsync("Ada@example.org");

        second.ShouldBe(first);
        (await _shop.FinishedAsync(first)).State().ShouldBe("succeeded");
        _place.Mails().ShouldContain($"{first.IdOf()}.eml");
    }

    [Fact]
    public async Task AnOrderIsPaidReservedInvoicedAndConfirmedOnceHoweverOftenItIsSent()
    {
        var order = Guid.NewGuid();
        var workflow = await _shop.OrderAsync(order);
        (await _shop.OrderAsync(order)).ShouldBe(workflow);

        (await _shop.FinishedAsync(workflow)).State().ShouldBe("succeeded");

        var books = await _shop.BooksAsync(order);
        (books.ChargedCents, books.RefundedCents, books.Reserved).ShouldBe((8_900, 0, true));
        _place.Mails().ShouldContain($"{books.Mail}.eml");
    }

    [Fact]
    public async Task WhatSomebodyElseTookIsRefunded()
    {
        var order = Guid.NewGuid();

        var ended = await _shop.FinishedAsync(await _shop.OrderAsync(order, product: "fish-kettle"));

        ended.State().ShouldBe("failed");
        (ended.Step("payment/undo").State(), ended.Step("confirmation").State()).ShouldBe(("succeeded", "skipped"));
        var books = await _shop.BooksAsync(order);
        (books.ChargedCents, books.RefundedCents, books.Mail).ShouldBe((24_900, 24_900, null));
    }

    [Fact]
    public async Task AVideoIsCutTranscodedSideBySideAndJoined()
    {
        Clips.Need();

        var workflow = await _shop.MakeVideoAsync(seconds: 8);

        var ended = await _shop.FinishedAsync(workflow);
        ended.State().ShouldBe("succeeded", ended.ToString());
        ended.Segments().Count().ShouldBe(2);
        (await Clips.SecondsAsync(Path.Combine(await _shop.VideoFolderAsync(workflow), "video.webm"))).ShouldBe(8, tolerance: 0.3);
    }

    [Fact]
    public async Task ARunningImportIsCancelledAndGoesOnFromItsCheckpoint()
    {
        const int Rows = 100_000;
        var job = await _shop.ImportSampleAsync(await _shop.MakeSampleAsync(Rows));
        await Eventually.TrueAsync("rows are in", async () => await _shop.ImportedAsync(job) > 0);

        await _shop.PostAsync($"{job.AbsolutePath}/cancel");
        (await _shop.FinishedAsync(job)).State().ShouldBe("cancelled");
        await _shop.PostAsync($"/imports/{job.IdOf()}/continue");

        await _shop.JobAsync(job, "has succeeded", status => status.State() == "succeeded");
        await _shop.EveryRowIsThereOnceAsync(job, Rows);
    }

    public sealed class OneShop : IAsyncLifetime
    {
        public ShopOnPostgres Place { get; private set; } = null!;

        public Shop Shop { get; private set; } = null!;

        // This shop is never killed and no test waits for its lease, so the lease is long enough for the busiest machine.
        public async ValueTask InitializeAsync()
        {
            Place = await ShopOnPostgres.CreateAsync("Simmer:Lease=00:00:30", "Storefront:GatewayDelay=00:00:00.3");
            Shop = await Place.StartShopAsync();
        }

        public ValueTask DisposeAsync()
        {
            Place.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
