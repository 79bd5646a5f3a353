using Microsoft.Extensions.Options;
using MimeKit;
using Storefront.Shared;

namespace Storefront.SignUp;

/// <summary>Writes mails as <c>.eml</c> files, which any mail program opens. The file is named after the mail's key, so there is one file
/// however often the job runs.</summary>
public sealed class MailFolder(DataDirectory data, IOptions<StorefrontOptions> options) : IMailer
{
    public async Task SendAsync(Mail mail, CancellationToken cancellationToken)
    {
        var path = PathOf(mail.Key);
        if (File.Exists(path))
        {
            return;
        }

        // The mail is written under another name and then renamed, so that readers of the folder see a whole mail or none. Two attempts at
        // the same time (a frozen process that wakes up late) write the same content to the same name.
        var aside = $"{path}.{Guid.NewGuid():N}.tmp";
        await ToMime(mail).WriteToAsync(aside, cancellationToken);
        File.Move(aside, path, overwrite: true);
    }

    /// <summary>Reads a mail of the folder.</summary>
    /// <returns>The mail, or <see langword="null"/> while it has not arrived.</returns>
    public async Task<ArrivedMail?> FindAsync(Guid key, CancellationToken cancellationToken)
    {
        var path = PathOf(key.ToString());
        if (!File.Exists(path))
        {
            return null;
        }

        using var mime = await MimeMessage.LoadAsync(path, cancellationToken);
        return new ArrivedMail(mime.From.ToString(), mime.To.ToString(), mime.Subject ?? "", mime.TextBody ?? "", mime.Date,
            Path.GetFileName(path));
    }

    private string PathOf(string key) => Path.Combine(data.Mail, key + ".eml");

    private MimeMessage ToMime(Mail mail) => new()
    {
        From = { MailboxAddress.Parse(options.Value.Mail.From) },
        To = { MailboxAddress.Parse(mail.To) },
        Subject = mail.Subject,
        Date = mail.At,
        MessageId = $"{mail.Key}@storefront.example",
        Body = new TextPart("plain") { Text = mail.Text },
    };
}

/// <summary>A mail as the page shows it.</summary>
public sealed record ArrivedMail(string From, string To, string Subject, string Text, DateTimeOffset Date, string File);
