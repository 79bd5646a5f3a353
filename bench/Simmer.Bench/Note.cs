using System.Text.Json;
using System.Text.Json.Serialization;

namespace Simmer.Bench;

/// <summary>The job of the benchmarks, about as long as its text.</summary>
public sealed record Note(int Number, string Text) : IJob;

/// <summary>Counts, made in the attempt's scope.</summary>
internal sealed class NoteHandler(Countdown countdown) : IJobHandler<Note>
{
    public Task HandleAsync(Note job, JobContext context, CancellationToken cancellationToken)
    {
        countdown.Signal();
        return Task.CompletedTask;
    }
}

/// <summary>Reports once how far it is.</summary>
internal sealed class ReportingHandler(Countdown countdown) : IJobHandler<Note>
{
    public Task HandleAsync(Note job, JobContext context, CancellationToken cancellationToken)
    {
        context.Progress.Report(0.5);
        countdown.Signal();
        return Task.CompletedTask;
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Note))]
internal sealed partial class NoteJson : JsonSerializerContext;
