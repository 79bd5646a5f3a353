using System.Text.Json;
using System.Text.Json.Serialization;

namespace Simmer.NoReflectionTests;

public sealed record Area(double Square);

public sealed record Measure(double Width, double Height) : IJob<Area>;

public sealed record Cost(double Amount);

public sealed record Price(double PerSquare) : IJob<Cost>;

public sealed record Forgotten(string Text) : IJob;

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Measure))]
[JsonSerializable(typeof(Area))]
[JsonSerializable(typeof(Price))]
[JsonSerializable(typeof(Cost))]
internal sealed partial class JobsJson : JsonSerializerContext;
