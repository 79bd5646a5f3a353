using System.ComponentModel.DataAnnotations;

namespace Storefront.Shared;

/// <summary>The section <c>Storefront</c> of the configuration.</summary>
public sealed class StorefrontOptions
{
    /// <summary>How long the gateways for mails and notifications take.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan GatewayDelay { get; set; } = TimeSpan.FromMilliseconds(400);

    /// <summary>How long the bank of the slow card takes.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:04:00")]
    public TimeSpan SlowCardDelay { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The largest video that is taken, in bytes.</summary>
    [Range(1, long.MaxValue)]
    public long MaxVideoBytes { get; set; } = 500_000_000;

    /// <summary>Whether this process works on videos: <c>auto</c> (if ffmpeg is in the PATH), <c>off</c>, or the path of ffmpeg.</summary>
    [Required]
    public string Ffmpeg { get; set; } = "auto";

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
