using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Simmer.Storage;

namespace Simmer.AspNetCore.Jobs;

/// <summary>One call of <c>MapJobs</c>.</summary>
internal sealed record JobMapping(string? Name, string Prefix, JobsEndpointOptions Options)
{
    public string EndpointName(string endpoint) => Name is null ? $"Simmer.Jobs.{endpoint}" : $"Simmer.Jobs.{Name}.{endpoint}";

    public override string ToString() => Name is null ? $"MapJobs(\"{Prefix}\")" : $"MapJobs(\"{Prefix}\") named '{Name}'";
}

/// <summary>All mappings of this application. No two have the same name, so that it is clear where a link points to.</summary>
internal sealed class JobMappings
{
    private readonly Lock _gate = new();
    private readonly List<JobMapping> _all = [];

    /// <summary>The mappings of the application that serves a request.</summary>
    public static JobMappings Of(HttpContext context) =>
        context.RequestServices.GetService<JobMappings>() ?? throw new InvalidOperationException(
        "JobResults.Accepted needs Simmer's web part, and only AddSimmerCore() was called. Call builder.Services.AddSimmer() in its "
            + "place, and app.MapJobs(\"/jobs\").");

    public void Add(JobMapping mapping)
    {
        lock (_gate)
        {
            if (_all.Find(m => string.Equals(m.Name, mapping.Name, StringComparison.OrdinalIgnoreCase)) is { } other)
            {
                throw new InvalidOperationException(mapping.Name is null
                    ? $"MapJobs(\"{mapping.Prefix}\") and {other} both have no name, so JobResults.Accepted could not know where to "
                        + $"point. Name one: MapJobs(\"{mapping.Prefix}\", o => o.Name = \"...\")."
                    : $"MapJobs(\"{mapping.Prefix}\") and {other} have the same name. Give each its own.");
            }

            _all.Add(mapping);
        }
    }

    public bool IsEmpty
    {
        get
        {
            lock (_gate)
            {
                return _all.Count == 0;
            }
        }
    }

    /// <summary>The mapping to point to: the named one; without a name the only one, or the one without a name.</summary>
    public JobMapping Get(string? name)
    {
        lock (_gate)
        {
            return _all switch
            {
                [] => throw new InvalidOperationException(
                    "JobResults.Accepted has no place to point to: MapJobs was not called. Call app.MapJobs(\"/jobs\")."),
                _ when name is not null =>
                    _all.Find(m => string.Equals(m.Name, name, StringComparison.OrdinalIgnoreCase)) ?? throw new InvalidOperationException(
                    $"JobResults.Accepted points to MapJobs '{StoreRules.Cut(name, StoreRules.LongestShown)}', which does not exist. "
                        + $"Mapped so far: {string.Join(", ", _all)}."),
                [var only] => only,
                _ => _all.Find(static m => m.Name is null) ?? throw new InvalidOperationException(
                    $"MapJobs was called {_all.Count} times, so JobResults.Accepted must say where to point: JobResults.Accepted(handle, "
                        + $"\"{_all[0].Name}\"). Mapped so far: {string.Join(", ", _all)}."),
            };
        }
    }
}
