using System.ComponentModel.DataAnnotations;

namespace Storefront.SignUp;

/// <summary>What the sign-up form sends.</summary>
public sealed record SignUpForm(
    [property: Required, EmailAddress, StringLength(254)] string Email,
    [property: Required, StringLength(80)] string Name);
