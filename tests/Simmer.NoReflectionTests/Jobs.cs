using System.Text.Json;
using System.Text.Json.Serialization;

namespace Simmer.NoReflectionTests;

public sealed record Area(double Square);

public sealed record Measure(double Width, double Height) : IJob<Area>;

public sealed record Cost(double Amount);

public sealed record Price(double PerSquare) : IJob<Cost>;

public record Thing(int Weight);

public sealed record Anvil(int Weight, string Maker) : Thing(Weight);

public sealed record Crate(Thing Thing, (int, string) Place) : IJob<Area>;

[Job("measure")]
public sealed record MeasureSince(double Width, double Height, string Unit) : IJob<Area>;

public sealed class Sealed : IJob
{
    public string Seal { get; private set; } = "";

    public void Close(string seal) => Seal = seal;
}

public sealed record Forgotten(string Text) : IJob;

/// <summary>Ids in a job and in what it gives.</summary>
public sealed record Follow(JobId Job, WorkflowId Flow, JobId? Before = null) : IJob<Followed>;

public sealed record Followed(Dictionary<JobId, WorkflowId> Flows);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, IncludeFields = true)]
[JsonSerializable(typeof(Measure))]
[JsonSerializable(typeof(Area))]
[JsonSerializable(typeof(Price))]
[JsonSerializable(typeof(Cost))]
[JsonSerializable(typeof(Crate))]
[JsonSerializable(typeof(MeasureSince))]
[JsonSerializable(typeof(Sealed))]
[JsonSerializable(typeof(Follow))]
[JsonSerializable(typeof(Followed))]
internal sealed partial class JobsJson : JsonSerializerContext;
