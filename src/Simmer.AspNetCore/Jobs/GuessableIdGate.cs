using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Simmer.Diagnostics;
using Simmer.Jobs;

namespace Simmer.AspNetCore.Jobs;

/// <summary>Keeps jobs and workflows whose ids are made from names from those who merely know the name: such an id is served only where
/// somebody has decided who may see it.</summary>
internal sealed class GuessableIdGate(EndpointDataSource endpoints, ILoggerFactory loggers, TimeProvider? time = null)
{
    /// <summary>The authorisation middleware leaves it behind; a fallback policy counts only where that has run.</summary>
    private const string AuthorizationRan = "__AuthorizationMiddlewareWithEndpointInvoked";

    public const string WhyNotServed =
        "Ids that are made from names are not served here until it is decided who may see them, whether there is something of that id or not. On the server: RequireAuthorization() on what MapJobs returns, its Authorize, or its AllowGuessableIds.";

    private readonly ILogger _logger = GuardedLogger.For(loggers, "Simmer.AspNetCore");
    private readonly Lock _gate = new();
    private readonly HashSet<JobMapping> _told = [];

    /// <summary>Whether a request to an endpoint of the mapping is answered for this id.</summary>
    public async ValueTask<bool> MayServeAsync(HttpContext context, JobMapping mapping, Guid id) =>
        !IsGuessable(id) || mapping.Options.Authorize is not null || mapping.Options.AllowGuessableIds || await IsAuthorizedAsync(context, context.GetEndpoint());

    /// <summary>Whether the mapping serves this id to anybody: asked where a client is pointed to it. Says so in the log if it does
    /// not.</summary>
    public async ValueTask<bool> MayPointToAsync(HttpContext context, JobMapping mapping, Guid id)
    {
        if (!IsGuessable(id) || mapping.Options.Authorize is not null || mapping.Options.AllowGuessableIds || await IsAuthorizedAsync(context, EndpointOf(mapping)))
        {
            return true;
        }

        lock (_gate)
        {
            if (!_told.Add(mapping))
            {
                return false;
            }
        }

        _logger.GuessableIdNotServed(mapping.ToString(), id);
        return false;
    }

    /// <summary>Whether whoever enqueued may wait for the end. A repeat with an id that is made from a name meets what somebody else has
    /// stored: of a policy of the mapping's nothing is known at the endpoint that enqueues.</summary>
    public async ValueTask<bool> MayWaitAsync(HttpContext context, JobMapping mapping, Guid id, bool isDuplicate) =>
        await MayPointToAsync(context, mapping, id) && (!isDuplicate || mapping.Options.Authorize is not null || mapping.Options.AllowGuessableIds || !IsGuessable(id));

    private bool IsGuessable(Guid id) => GuessableIds.Contains(id, (time ?? TimeProvider.System).GetUtcNow());

    private Endpoint? EndpointOf(JobMapping mapping)
    {
        var name = mapping.EndpointName("Status");
        return endpoints.Endpoints.FirstOrDefault(e => e.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName == name);
    }

    private static async ValueTask<bool> IsAuthorizedAsync(HttpContext context, Endpoint? endpoint)
    {
        if (endpoint is null || endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null)
        {
            return false;
        }

        return endpoint.Metadata.GetMetadata<IAuthorizeData>() is not null
            || endpoint.Metadata.GetMetadata<AuthorizationPolicy>() is not null
            || (context.Items.ContainsKey(AuthorizationRan)
                && context.RequestServices.GetService<IAuthorizationPolicyProvider>() is { } policies
                && await policies.GetFallbackPolicyAsync() is not null);
    }
}
