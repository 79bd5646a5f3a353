using System.Collections.Frozen;
using Microsoft.Extensions.DependencyInjection;

namespace Simmer.Jobs;

/// <summary>All kinds of job that this process knows, by name and by type.</summary>
internal sealed class JobCatalog
{
    private readonly FrozenDictionary<string, JobKind> _byName;
    private readonly FrozenDictionary<Type, JobKind> _byType;

    private readonly Dictionary<Type, ResultAdapter> _results;

    private JobCatalog(IReadOnlyCollection<JobKind> kinds, Dictionary<Type, ResultAdapter> results)
    {
        _results = results;
        _byName = kinds.ToFrozenDictionary(static k => k.Name);
        _byType = kinds.ToFrozenDictionary(static k => k.Type);
        Runnable = kinds.Where(static k => k.Handler is not null).Select(static k => k.Name).ToFrozenSet();
    }

    /// <summary>The kinds with a handler here.</summary>
    public FrozenSet<string> Runnable { get; }

    public static JobCatalog Build(IReadOnlyList<JobDeclaration> jobs, IReadOnlyList<UpcastDeclaration> upcasts, SimmerOptions options,
        IServiceProviderIsService services, List<string> problems)
    {
        var json = JsonShapes.WithResolver(options.Json);
        var results = new Dictionary<Type, ResultAdapter>();
        foreach (var result in jobs.Select(static d => d.ReadResult()).OfType<ResultAdapter>().Where(r => results.TryAdd(r.Type, r)))
        {
            result.TryResolve(json);
        }

        var ground = new HandlerGround(services, results);
        var kinds = new Dictionary<string, JobKind>();
        var byType = new Dictionary<Type, JobKind>();
        foreach (var declaration in jobs)
        {
            if (byType.ContainsKey(declaration.Type))
            {
                problems.Add($"Job {declaration.Type.Name} is registered twice; call AddJob once for it.");
                continue;
            }

            var kind = declaration.Resolve(options, json, ground, problems);
            Add(kind);
            if (!options.Queues.ContainsKey(kind.Queue))
            {
                problems.Add($"Job '{kind.Name}' goes to {Names.NotDeclared("queue", kind.Queue, options.Queues.Keys)} Declare it with "
                    + $"AddQueue(\"{kind.Queue}\").");
            }
        }

        // An upcaster may lead to the shape that another one takes, so each is resolved after the one that it leads to.
        var upcasters = upcasts.ToList();
        while (upcasters.Find(u => byType.ContainsKey(u.Newer)) is { } next)
        {
            _ = upcasters.Remove(next);
            if (byType.ContainsKey(next.Older.Type))
            {
                problems.Add($"Job {next.Older.Type.Name} has an upcaster to {next.Newer.Name}, and is registered as well; an older "
                    + "shape has one upcaster and no AddJob.");
                continue;
            }

            Add(next.Resolve(next.Older.Resolve(options, json, ground, problems), byType[next.Newer], problems));
        }

        problems.AddRange(upcasters
            .Select(static u =>
            $"The upcaster from {u.Older.Type.Name} leads to {u.Newer.Name}, and from there to no registered job: call "
                + $"AddJob<{u.Newer.Name}, ...>()."));
        return new JobCatalog([.. kinds.Values], results);

        void Add(JobKind kind)
        {
            byType.Add(kind.Type, kind);
            if (!kinds.TryAdd(kind.Name, kind))
            {
                problems.Add($"Jobs {kinds[kind.Name].Type.Name} and {kind.Type.Name} share the kind '{kind.Name}'; name one of them "
                    + "with [Job(\"...\")].");
            }
        }
    }

    /// <summary>The adapter for a type of result; null if no registered job gives one.</summary>
    public ResultAdapter? ResultOf(Type type) => _results.GetValueOrDefault(type);

    /// <summary>The name of a kind whose jobs give a result of this very type; null: there is none.</summary>
    public string? KindGiving(Type result) => _byName.Values.FirstOrDefault(k => k.Result?.Type == result)?.Name;

    public JobKind? Find(string name) => _byName.GetValueOrDefault(name);

    public JobKind Of(IJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        return _byType.TryGetValue(job.GetType(), out var kind) ? kind : throw new InvalidOperationException(WhyUnknown(job.GetType()));
    }

    private static string WhyUnknown(Type type)
    {
        var name = Names.Of(type);
        if (type.IsValueType)
        {
            return $"Job {name} is a struct, and a job is a class. Make it 'public sealed record {name}(...) : IJob', and register it "
                + "with AddJob.";
        }

        // The name of a generic record leaves out its type arguments, so its kind has to be given.
        var kind = type.IsGenericType ? "o => o.Kind = \"...\"" : "";
        return $"Job {name} is not registered. Register it with AddJob<{name}, ...>({kind}), or AddJob<{name}>({kind}) in a process that "
            + "only enqueues it.";
    }
}
