using System.ComponentModel.DataAnnotations;
using Storefront.Shared;

namespace Storefront.SignUp;

/// <summary>What the sign-up form sends.</summary>
public sealed record SignUpForm(
    [property: Required, Mailbox, StringLength(254)] string Email,
    // The name goes into the mail's subject: no line breaks.
    [property: Required, StringLength(80), RegularExpression(@"\P{C}+", ErrorMessage = "A name is written on one line.")] string Name);
