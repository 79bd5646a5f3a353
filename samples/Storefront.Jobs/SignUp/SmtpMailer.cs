using System.Net;
using System.Net.Mail;
using Microsoft.Extensions.Options;
using Storefront.Shared;

namespace Storefront.SignUp;

/// <summary>Sends mails by SMTP. A server may take the mail and the answer may get lost, so a retry can send it again: the Message-ID is
/// the same then, by which mail programs and many servers drop the second copy.</summary>
public sealed class SmtpMailer(IOptions<StorefrontOptions> options) : IMailer
{
    public async Task SendAsync(Mail mail, CancellationToken cancellationToken)
    {
        var mailOptions = options.Value.Mail;
        using var message = ToMessage(mail, mailOptions);
        using var client = new SmtpClient(mailOptions.SmtpHost, mailOptions.SmtpPort) { EnableSsl = mailOptions.SmtpTls };
        if (mailOptions.SmtpUser is { } user)
        {
            client.Credentials = new NetworkCredential(user, mailOptions.SmtpPassword);
        }

        await client.SendMailAsync(message, cancellationToken);
    }

    private static MailMessage ToMessage(Mail mail, MailOptions mailOptions)
    {
        var message = new MailMessage(new MailAddress(mailOptions.From), new MailAddress(mail.To))
        {
            Subject = mail.Subject,
            Body = mail.Text,
        };
        message.Headers.Add("Message-ID", $"<{mail.Key}@storefront.example>");
        return message;
    }
}
