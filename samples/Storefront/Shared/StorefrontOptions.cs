using System.ComponentModel.DataAnnotations;

namespace Storefront.Shared;

/// <summary>The section <c>Storefront</c> of the configuration.</summary>
public sealed class StorefrontOptions
{
    /// <summary>How long the gateways for mails and notifications take.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan GatewayDelay { get; set; } = TimeSpan.FromMilliseconds(400);

    public MailOptions Mail { get; set; } = new();
}

/// <summary>How mails leave the shop.</summary>
public sealed class MailOptions
{
    [Required]
    public string From { get; set; } = "Simmer & Co. <hello@storefront.example>";

    /// <summary>Empty: mails are written to a folder. Otherwise they are sent by this server.</summary>
    public string SmtpHost { get; set; } = "";

    [Range(1, 65535)]
    public int SmtpPort { get; set; } = 25;

    public bool SmtpTls { get; set; }

    public string? SmtpUser { get; set; }

    public string? SmtpPassword { get; set; }
}
