namespace Storefront.SignUp;

/// <summary>Sends mails. Sending the same <see cref="Mail.Key"/> again must not reach the reader twice, as far as the way of sending
/// allows.</summary>
public interface IMailer
{
    Task SendAsync(Mail mail, CancellationToken cancellationToken);
}

/// <summary>A mail to one person.</summary>
/// <param name="Key">Names the mail for good; the same for each attempt to send it.</param>
/// <param name="To">The reader's address.</param>
/// <param name="Subject">The subject.</param>
/// <param name="Text">The plain text.</param>
/// <param name="At">The date in its header.</param>
public sealed record Mail(string Key, string To, string Subject, string Text, DateTimeOffset At);
