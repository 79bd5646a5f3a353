using System.ComponentModel.DataAnnotations;
using MimeKit;

namespace Storefront.Shared;

/// <summary>A plain e-mail address to which a mail can be sent. Others are refused at the endpoint, because a job that can never succeed
/// would be tried for hours.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class MailboxAttribute() : ValidationAttribute("This is not an e-mail address.")
{
    public override bool IsValid(object? value) =>
        value is null or "" || (value is string text && text.Contains('@') && MailboxAddress.TryParse(text, out var mailbox)
            && mailbox.Address == text);
}
