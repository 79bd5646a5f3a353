using System.Text.Json;
using System.Text.Json.Serialization;

namespace Simmer.NoReflectionTests;

public sealed record Area(double Square);

public sealed record Measure(double Width, double Height) : IJob<Area>;

public sealed record Cost(double Amount);

public sealed record Price(double PerSquare) : IJob<Cost>;

public sealed record Forgotten(string Text) : IJob;

/// <summary>Ids in a job and in what it gives.</summary>
public sealed record Follow(JobId Job, WorkflowId Flow, JobId? Before = null) : IJob<Followed>;

public sealed record Followed(Dictionary<JobId, WorkflowId> Flows);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Measure))]
[JsonSerializable(typeof(Area))]
[JsonSerializable(typeof(Price))]
[JsonSerializable(typeof(Cost))]
[JsonSerializable(typeof(Follow))]
[JsonSerializable(typeof(Followed))]
internal sealed partial class JobsJson : JsonSerializerContext;
