using System.Net.Http.Json;
using Storefront.Tests.App;

namespace Storefront.Tests.Http;

public sealed class SignUpTests
{
    [Fact]
    public async Task SignUpAnswersBeforeTheMailIsSentAndTheMailArrivesOnce()
    {
        using var data = new TemporaryDirectory();
        using var shop = await Shop.StartAsync(data.Path, "Storefront:GatewayDelay=00:00:01");

        var job = await SignUpAsync(shop, "ada@example.org");
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
            job = await SignUpAsync(killed, "grace@example.org");
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

        var first = await SignUpAsync(shop, "ada@example.org");
        var second = await SignUpAsync(shop, "Ada@example.org");

        second.ShouldBe(first);
        await shop.FinishedAsync(first);
        Mails(data).ShouldHaveSingleItem();
    }

    private static async Task<Uri> SignUpAsync(Shop shop, string email) =>
        await shop.AcceptedAsync(await shop.Http.PostAsJsonAsync("/signup", new { email, name = "Ada" }, TestContext.Current.CancellationToken));

    private static IEnumerable<string?> Mails(TemporaryDirectory data) => Directory.EnumerateFiles(data["mail"]).Select(Path.GetFileName);
}
