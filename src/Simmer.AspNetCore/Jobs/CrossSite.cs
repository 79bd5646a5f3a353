using Microsoft.AspNetCore.Http;

namespace Simmer.AspNetCore.Jobs;

/// <summary>Finds requests that a page of another site makes with the cookies of the user who looks at it. A form on that page needs
/// nothing but an id.</summary>
internal static class CrossSite
{
    private const string Bearer = "Bearer ";

    /// <summary>Why a request that changes something is refused; null if it does not come from another site.</summary>
    /// <remarks>Decided by what browsers send by themselves (Fetch Metadata, <c>Sec-Fetch-Site</c>; where that is missing, <c>Origin</c>).
    /// A client that is no browser sends neither, and has no cookies that another site could use.</remarks>
    public static string? WhyRefused(HttpRequest request, IEnumerable<string> trusted)
    {
        // No browser adds a bearer token by itself, and no form can, so the request is the client's own.
        if (request.Headers.Authorization is [{ } authorization] && authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var site = request.Headers["Sec-Fetch-Site"].ToString();
        var origin = request.Headers.Origin.ToString();
        if (origin.Length > 0 && trusted.Contains(origin, StringComparer.OrdinalIgnoreCase))
        {
            return null;
        }

        var isForeign = site.Length > 0
            ? !site.Equals("same-origin", StringComparison.OrdinalIgnoreCase) && !site.Equals("none", StringComparison.OrdinalIgnoreCase)
            : origin.Length > 0 && !IsOwn(origin, request);
        return isForeign
            ? $"The request comes from a page of another site ({(origin.Length > 0 ? $"Origin {origin}" : $"Sec-Fetch-Site {site}")}), "
                + "and nothing may be changed from there. To allow a site of yours, add its origin to TrustedOrigins of MapJobs."
            : null;
    }

    // A proxy may have changed https to http. So a host without a port is compared with the default port of either.
    private static bool IsOwn(string origin, HttpRequest request) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var from)
        && string.Equals(from.Host, request.Host.Host, StringComparison.OrdinalIgnoreCase)
        && (request.Host.Port is { } port ? from.Port == port : from.IsDefaultPort);
}
