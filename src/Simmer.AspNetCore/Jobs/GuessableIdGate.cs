using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Simmer.AspNetCore.Diagnostics;
using Simmer.Diagnostics;
using Simmer.Jobs;

namespace Simmer.AspNetCore.Jobs;

/// <summary>Protects jobs and workflows against clients that merely know a name. An id that was made from a name is served, and a repeat of
/// a unique key is pointed to the job that holds the key, only once the application has decided who may see them.</summary>
internal sealed class GuessableIdGate(EndpointDataSource endpoints, ILoggerFactory loggers, TimeProvider? time = null)
{
    /// <summary>The item that the authorisation middleware leaves in the request. A fallback policy counts only where that middleware has
    /// run.</summary>
    private const string AuthorizationRan = "__AuthorizationMiddlewareWithEndpointInvoked";

    private const string WhoDecides =
        "On the server: RequireAuthorization() on what MapJobs returns, its Authorize, or its AllowGuessableIds.";

    public const string WhyNotServed =
        "Ids that are made from names are not served here until it is decided who may see them, whether there is something of that id or "
            + "not. " + WhoDecides;

    public const string WhyNotPointedTo =
        "Nothing was enqueued: another job holds the unique key. Which one is not told until it is decided who may see it. " + WhoDecides;

    private readonly ILogger _logger = GuardedLogger.For(loggers, "Simmer.AspNetCore");
    private readonly Lock _gate = new();
    private readonly HashSet<(JobMapping Mapping, bool IsByKey)> _told = [];

    /// <summary>Whether a request to an endpoint of the mapping may be answered for this id.</summary>
    public async ValueTask<bool> MayServeAsync(HttpContext context, JobMapping mapping, Guid id) =>
        !IsGuessable(id) || await IsDecidedAsync(context, mapping, context.GetEndpoint());

    /// <summary>Whether the mapping serves this id at all, asked before a client is pointed to it. Logs a warning if it does not.</summary>
    public async ValueTask<bool> MayPointToAsync(HttpContext context, JobMapping mapping, Guid id)
    {
        var may = !IsGuessable(id) || await IsDecidedAsync(context, mapping, EndpointOf(mapping));
        if (!may && IsFirst(mapping, isByKey: false))
        {
            _logger.GuessableIdNotServed(mapping.ToString(), id);
        }

        return may;
    }

    /// <summary>Whether a client may learn which job holds the unique key that it has given. Anybody who knows the key could send it, and
    /// the id, however random, is all that is needed to read and cancel the job. Logs a warning if it may not.</summary>
    public async ValueTask<bool> MayPointToHolderAsync(HttpContext context, JobMapping mapping, Guid id)
    {
        var may = await IsDecidedAsync(context, mapping, EndpointOf(mapping));
        if (!may && IsFirst(mapping, isByKey: true))
        {
            _logger.HolderNotPointedTo(id, mapping.ToString());
        }

        return may;
    }

    /// <summary>Whether the client that enqueued may wait for the end. A repeat under an id made from a name, or with a unique key, meets
    /// what another client may have stored, and the endpoint that enqueues knows nothing of a policy of the mapping, so it does not
    /// wait.</summary>
    public async ValueTask<bool> MayWaitAsync(HttpContext context, JobMapping mapping, Guid id, bool isDuplicate, bool isByKey = false) =>
        await MayPointToAsync(context, mapping, id) && (!isDuplicate || HasRule(mapping) || !(isByKey || IsGuessable(id)));

    private static bool HasRule(JobMapping mapping) => mapping.Options.Authorize is not null || mapping.Options.AllowGuessableIds;

    private static async ValueTask<bool> IsDecidedAsync(HttpContext context, JobMapping mapping, Endpoint? endpoint) =>
        HasRule(mapping) || await IsAuthorizedAsync(context, endpoint);

    private bool IsFirst(JobMapping mapping, bool isByKey)
    {
        lock (_gate)
        {
            return _told.Add((mapping, isByKey));
        }
    }

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
