using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Simmer.Jobs;

/// <summary>A job as <c>AddJob</c> declared it, until start resolves it.</summary>
internal abstract class JobDeclaration
{
    public abstract Type Type { get; }

    /// <summary>The adapter for the result of its jobs; null: they give none.</summary>
    public abstract ResultAdapter? ReadResult();

    public abstract JobKind Resolve(SimmerOptions options, JsonSerializerOptions json, HandlerGround ground, List<string> problems);
}

internal sealed class JobDeclaration<TJob>(HandlerFactory? handler, Action<JobOptions>? configure, bool isLocalOnly = false)
    : JobDeclaration
    where TJob : class, IJob
{
    public override Type Type => typeof(TJob);

    public override ResultAdapter? ReadResult()
    {
        var shape = new ShapeReader();
        TJob.Describe(shape);
        return shape.Adapter;
    }

    public override JobKind Resolve(SimmerOptions options, JsonSerializerOptions json, HandlerGround ground, List<string> problems)
    {
        var settings = Settings();
        var name = settings.Kind ?? DefaultName(problems);
        KindNames.Check(name, typeof(TJob), problems);
        if (!isLocalOnly && name.StartsWith(KindNames.Reserved, StringComparison.OrdinalIgnoreCase))
        {
            problems.Add($"The kind '{name}' of {typeof(TJob).Name} begins with '{KindNames.Reserved}', which is kept for Simmer's own; "
                + "name it otherwise with [Job(\"...\")].");
        }

        JobOptionsCheck.Check(name, settings, problems);
        var result = ReadResult();
        JsonTypeInfo<TJob>? info = null;
        if (!isLocalOnly)
        {
            info = JsonShapes.Resolve<TJob>(json, $"Job '{name}' ({typeof(TJob).Name})", problems);
            result?.ResolveOrReport(json, name, problems);
        }

        var inputs = new List<StepInput>();

        return new JobKind
        {
            Name = name,
            Type = typeof(TJob),
            Queue = settings.Queue ?? QueueNames.Default,
            MaxAttempts = settings.MaxAttempts ?? options.DefaultMaxAttempts,
            TimeLimit = settings.TimeLimit ?? options.DefaultTimeLimit,
            Priority = settings.Priority,
            Retry = settings.Retry,
            Result = result,
            Adds = typeof(TJob).GetCustomAttribute<JobAttribute>(inherit: false)?.Adds,
            Handler = handler?.Build(name, result?.Type, ground, inputs, problems),
            Inputs = inputs,
            IsLocalOnly = isLocalOnly,
            Write = job => JsonSerializer.SerializeToUtf8Bytes((TJob)job, info!),
            Read = payload => JsonSerializer.Deserialize(payload.Span, info!) ?? throw new JsonException("The stored record is null."),
        };
    }

    private JobOptions Settings()
    {
        var attribute = typeof(TJob).GetCustomAttribute<JobAttribute>(inherit: false);
        var settings = new JobOptions
        {
            Kind = attribute?.Kind,
            Queue = attribute?.Queue,
            MaxAttempts = attribute is { MaxAttempts: not 0 } ? attribute.MaxAttempts : null,
            TimeLimit = attribute is { TimeLimitSeconds: not 0 } ? JobOptionsCheck.Seconds(attribute.TimeLimitSeconds) : null,
            Priority = attribute?.Priority ?? 0,
        };
        configure?.Invoke(settings);
        return settings;
    }

    private static string DefaultName(List<string> problems)
    {
        if (typeof(TJob).IsGenericType)
        {
            problems.Add($"Job {Names.Of(typeof(TJob))} is generic, so its name says too little: give each of its closed types a kind of "
                + $"its own, AddJob<{Names.Of(typeof(TJob))}, ...>(o => o.Kind = \"...\").");
        }

        return JsonNamingPolicy.KebabCaseLower.ConvertName(typeof(TJob).Name);
    }

    private sealed class ShapeReader : IJobShape
    {
        public ResultAdapter? Adapter { get; private set; }

        public void Result<TResult>() => Adapter = new ResultAdapter<TResult>();
    }
}
