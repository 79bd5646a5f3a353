using Storefront.Tests.App;

namespace Storefront.Tests.Http;

public sealed class SignUpTests
{
    [Fact]
    public async Task SignUpAnswersBeforeTheMailIsSentAndTheMailArrivesOnce()
    {
        using var data = new TemporaryDirectory();
        using var shop = await Shop.StartAsync(data.Path, "Storefront:GatewayDelay=00:00:01");

        var job = await shop.SignUpAsync("ada@example.org");
        Mails(data).ShouldBeEmpty("the answer came after the mail");

        (await shop.FinishedAsync(job)).State().ShouldBe("succeeded");
        Mails(data).ShouldHaveSingleItem().ShouldBe(job.IdOf() + ".eml");
        var text = await File.ReadAllTextAsync(data[$"mail/{job.IdOf()}.eml"], TestContext.Current.CancellationToken);
        text.ShouldContain("To: ada@example.org");
        text.ShouldContain("Welcome to Simmer & Co., Ada");
    }

    [Fact]
    public async Task AMailThatWasPromisedIsSentOnceThoughTheServerIsKilled()
    {
        using var data = new TemporaryDirectory();
        Uri job;
        using (var killed = await Shop.StartAsync(data.Path, "Storefront:GatewayDelay=00:00:30"))
        {
            job = await killed.SignUpAsync("grace@example.org");
            killed.Kill();
        }

        Mails(data).ShouldBeEmpty();
        using var shop = await Shop.StartAsync(data.Path, "Storefront:GatewayDelay=00:00:00.1");
        (await shop.FinishedAsync(new Uri(shop.Address, job.AbsolutePath))).State().ShouldBe("succeeded");
        Mails(data).ShouldHaveSingleItem().ShouldBe(job.IdOf() + ".eml");
    }

    [Fact]
    public async Task TwoClicksAreOneMail()
    {
        using var data = new TemporaryDirectory();
        using var shop = await Shop.StartAsync(data.Path, "Storefront:GatewayDelay=00:00:01");

        var first = await shop.SignUpAsync("ada@example.org");
        var second = await shop.SignUpAsync("Ada@example.org");

        second.ShouldBe(first);
        await shop.FinishedAsync(first);
        Mails(data).ShouldHaveSingleItem();
    }

    private static IEnumerable<string?> Mails(TemporaryDirectory data) => Directory.EnumerateFiles(data["mail"]).Select(Path.GetFileName);
}
