using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Simmer.Jobs;

/// <summary>The verdict and the result that a handler's finished task carries.</summary>
internal readonly record struct HandlerAnswer(JobVerdict Verdict, object? Result);

/// <summary>Reads and writes the results of one kind of job. It knows their type, so no reflection is needed.</summary>
internal abstract class ResultAdapter
{
    public abstract Type Type { get; }

    public abstract HandlerAnswer Read(Task finished);

    /// <summary>The answer of a handler that completes its job before its task has finished; null if it is not what the job
    /// promises.</summary>
    public abstract HandlerAnswer? Take(object? given);

    public abstract ReadOnlyMemory<byte> Write(object? result);

    /// <summary>Reads a result from JSON, as it comes back from a database.</summary>
    public abstract object? Read(ReadOnlyMemory<byte> result);

    public abstract void Resolve(JsonSerializerOptions options);

    /// <summary>Like <see cref="Resolve"/>, but reports nothing: what is wrong is reported where the job itself is resolved.</summary>
    public void TryResolve(JsonSerializerOptions options)
    {
        try
        {
            Resolve(options);
        }
        catch (Exception e) when (e is NotSupportedException or InvalidOperationException)
        {
            // Nothing will be read with it, because the process does not start.
            return;
        }
    }

    /// <summary>Makes a typed list of results, whichever adapter has read them.</summary>
    public abstract object ListOf(IReadOnlyList<object?> results);

    /// <summary>The result of a finished job, for a caller that knows it by a base type only (a job's result is covariant).</summary>
    public abstract object? ParseAny(JobRecord job);
}

internal sealed class ResultAdapter<TResult> : ResultAdapter
{
    private JsonTypeInfo<TResult>? _json;

    public override Type Type => typeof(TResult);

    public override HandlerAnswer Read(Task finished) => finished switch
    {
        Task<TResult> plain => new(JobVerdict.Success, plain.Result),
        Task<JobVerdict<TResult>> either => new(either.Result.Verdict, either.Result.Value),
        Task<JobVerdict> verdict => new(verdict.Result, null),
        _ => throw new InvalidOperationException($"The handler ended without the {typeof(TResult).Name} that its job promises."),
    };

    public override HandlerAnswer? Take(object? given) => given switch
    {
        TResult plain => new(JobVerdict.Success, plain),
        JobVerdict<TResult> either => new(either.Verdict, either.Value),
        null when default(TResult) is null => new(JobVerdict.Success, null),
        _ => null,
    };

    public override ReadOnlyMemory<byte> Write(object? result) => JsonSerializer.SerializeToUtf8Bytes((TResult)result!, _json!);

    public override object? Read(ReadOnlyMemory<byte> result) => JsonSerializer.Deserialize(result.Span, _json!);

    public override void Resolve(JsonSerializerOptions options) => _json = (JsonTypeInfo<TResult>)options.GetTypeInfo(typeof(TResult));

    /// <summary>Reads the result of a finished job: the object itself from memory, else the stored JSON.</summary>
    public override object? ParseAny(JobRecord job) => Parse(job);

    public override object ListOf(IReadOnlyList<object?> results) => results.Select(static r => (TResult)r!).ToArray();

    public TResult Parse(JobRecord job) =>
        job.ResultItem is TResult item ? item
        : job.Result is { } bytes ? Parse(job, bytes.Span)
        : default!;

    private TResult Parse(JobRecord job, ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, _json!)!;
        }
        catch (Exception e)
        {
            throw new UnreadableResultException(
                $"The result of job {job.Id} ({job.Kind}) cannot be read as {TypeNames.An(typeof(TResult))}: {e.Message} It is kept as "
                + "it was stored. If the type has changed since, "
                + "give what is new a default value, or let it be null; or give the type a [JsonConverter] that reads the older shape, "
                    + "as an upcaster does for a job.", e);
        }
    }
}
