namespace Storefront;

/// <summary>What this process is: the shop with its web server, or with <c>--role=worker</c> only a worker.</summary>
internal static class Role
{
    /// <exception cref="InvalidOperationException">There is no such role.</exception>
    public static bool IsWorker(IConfiguration configuration) => configuration["role"] switch
    {
        null or "" or "shop" => false,
        "worker" => true,
        var other => throw new InvalidOperationException($"The role is '{other}'; it can be 'shop' (the default) or 'worker'."),
    };
}
