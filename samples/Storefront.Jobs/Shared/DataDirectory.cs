namespace Storefront.Shared;

/// <summary>The directory of everything that the shop writes. A worker process on the same machine uses the same one.</summary>
public sealed class DataDirectory
{
    private DataDirectory(string root) => Root = root;

    public string Root { get; }

    /// <summary>Simmer's own database: the jobs.</summary>
    public string JobsDatabase => Path.Combine(Root, "jobs.db");

    /// <summary>The shop's database. A file of its own: an import's bulk writes and the jobs' small commits do not wait for each
    /// other.</summary>
    public string ShopDatabase => Path.Combine(Root, "shop.db");

    public string Mail => Path.Combine(Root, "mail");

    public string Uploads => Path.Combine(Root, "uploads");

    public string Samples => Path.Combine(Root, "samples");

    public string Videos => Path.Combine(Root, "videos");

    /// <summary>Opens the directory of <c>Storefront:DataDirectory</c> and makes what is missing.</summary>
    public static DataDirectory Open(IConfiguration configuration, IHostEnvironment environment)
    {
        var configured = configuration["Storefront:DataDirectory"] is { Length: > 0 } value ? value : "data";
        var data = new DataDirectory(Path.GetFullPath(configured, environment.ContentRootPath));
        foreach (var folder in (string[])[data.Root, data.Mail, data.Uploads, data.Samples, data.Videos])
        {
            Directory.CreateDirectory(folder);
        }

        return data;
    }
}
