using System.ComponentModel.DataAnnotations;
using MimeKit;

namespace Storefront.Shared;

/// <summary>One bare e-mail address that a mail can be sent to. Refused at the door, because a job that cannot ever succeed would try for
/// hours.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class MailboxAttribute() : ValidationAttribute("This is not an e-mail address.")
{
    public override bool IsValid(object? value) =>
        value is null or "" || (value is string text && text.Contains('@') && MailboxAddress.TryParse(text, out var mailbox)
            && mailbox.Address == text);
}
