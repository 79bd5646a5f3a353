using System.Text.Json;
using System.Text.Json.Serialization;

namespace Simmer.NoReflectionTests;

public sealed record Area(double Square);

public sealed record Measure(double Width, double Height) : IJob<Area>;

public sealed record Forgotten(string Text) : IJob;

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Measure))]
[JsonSerializable(typeof(Area))]
internal sealed partial class JobsJson : JsonSerializerContext;
