using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Storefront.Shared;
using Storefront.SignUp;
using Storefront.Tests.App;

namespace Storefront.Tests.SignUp;

public sealed class MailTests
{
    private static readonly Mail s_mail =
        new(Guid.CreateVersion7().ToString(), "ada@example.org", "Grüße", "Hello.", DateTimeOffset.UnixEpoch);

    [Fact]
    public async Task TheSameMailTwiceIsOneFile()
    {
        using var directory = new TemporaryDirectory();
        var folder = FolderIn(directory);

        await folder.SendAsync(s_mail, CancellationToken.None);
        await folder.SendAsync(s_mail, CancellationToken.None);

        Directory.EnumerateFiles(directory["mail"]).ShouldHaveSingleItem();
        var arrived = (await folder.FindAsync(Guid.Parse(s_mail.Key), CancellationToken.None)).ShouldNotBeNull();
        (arrived.To, arrived.Subject, arrived.Text.Trim()).ShouldBe(("ada@example.org", "Grüße", "Hello."));
    }

    [Fact]
    public async Task AMailThatHasNotArrivedIsNotFound()
    {
        using var directory = new TemporaryDirectory();

        (await FolderIn(directory).FindAsync(Guid.NewGuid(), CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task WithAServerConfiguredMailsGoOutBySmtp()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var received = ReceiveOneAsync(listener);
        var options = new StorefrontOptions { Mail = { SmtpHost = "127.0.0.1", SmtpPort = ((IPEndPoint)listener.LocalEndpoint).Port } };

        await new SmtpMailer(Options.Create(options)).SendAsync(s_mail, TestContext.Current.CancellationToken);

        var text = await received.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        text.ShouldContain("RCPT TO:<ada@example.org>");
        text.ShouldContain($"<{s_mail.Key}@storefront.example>");
        text.ShouldContain("Hello.");
    }

    private static MailFolder FolderIn(TemporaryDirectory directory) => new(
        DataDirectory.Open(
            new ConfigurationBuilder().AddInMemoryCollection([new("Storefront:DataDirectory", directory.Path)]).Build(),
            Host.CreateEmptyApplicationBuilder(new() { ContentRootPath = directory.Path }).Environment),
        Options.Create(new StorefrontOptions()));

    /// <summary>A minimal SMTP server (RFC 5321) that takes one mail.</summary>
    private static async Task<string> ReceiveOneAsync(TcpListener listener)
    {
        using var client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        using var reader = new StreamReader(client.GetStream());
        await using var writer = new StreamWriter(client.GetStream()) { NewLine = "\r\n", AutoFlush = true };
        await writer.WriteLineAsync("220 test");
        var received = new List<string>();
        var inData = false;
        while (await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            received.Add(line);
            inData = inData ? line != "." : line == "DATA";
            var answer = inData ? (line == "DATA" ? "354 go on" : null) : line == "QUIT" ? "221 bye" : "250 ok";
            if (answer is not null)
            {
                await writer.WriteLineAsync(answer);
            }

            if (line == "QUIT" || (line == "." && !inData))
            {
                break;
            }
        }

        return string.Join("\n", received);
    }
}
