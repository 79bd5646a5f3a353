using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Simmer.Tests.Payloads;

#pragma warning disable CA1051, CA1815, CA2227

public sealed class PublicFields
{
    public int Number;

    public string? Text;
}

public sealed class PrivateSetterThatIsIncluded
{
    [JsonInclude]
    public string Name { get; private set; } = "";

    public static PrivateSetterThatIsIncluded Of(string name) => new() { Name = name };
}

public sealed record Computed(string First, string Last)
{
    private string? _initials;

    public string Full => $"{First} {Last}";

    public string Initials => _initials ??= $"{First[0]}{Last[0]}";

    public int Letters { get; } = First.Length + Last.Length;

    public string Kind { get; } = "person";

    public IEnumerable<object> Parts => [First, Last];
}

public sealed record WithIgnored(int Id)
{
    [JsonIgnore]
    public Stream? Stream { get; init; }

    [JsonIgnore]
    public Action? Then { get; private set; }

    [JsonIgnore]
    public Type Type => typeof(int);
}

public sealed record IgnoredParameter(int Id, [property: JsonIgnore] CultureInfo? Culture);

public sealed class ValidatedByField
{
    private string _name = "";

    public string Name
    {
        get => _name;
        set => _name = value.Trim();
    }

    public string Alias => _name;
}

[JsonDerivedType(typeof(Dog), "dog")]
[JsonDerivedType(typeof(Cat), "cat")]
public abstract record Animal(string Name);

public sealed record Dog(string Name, int Bones) : Animal(Name);

public sealed record Cat(string Name, int Lives) : Animal(Name);

public record Vehicle(int Wheels);

public record Car(int Wheels, string Plate) : Vehicle(Wheels);

public struct WithParameterlessConstructor
{
    public WithParameterlessConstructor() => Number = 7;

    public int Number { get; set; }
}

[method: JsonConstructor]
public readonly struct ReadOnlyWithConstructor(int x, int y)
{
    public int X { get; } = x;

    public int Y { get; } = y;
}

public sealed class BoundGetOnly(int number, IReadOnlyList<string> lines)
{
    public int Number { get; } = number;

    public IReadOnlyList<string> Lines { get; } = lines;
}

[JsonObjectCreationHandling(JsonObjectCreationHandling.Populate)]
public sealed class Populated
{
    public List<string> Lines { get; } = [];
}

public sealed class Overflow
{
    public int Id { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? More { get; set; }
}

[JsonConverter(typeof(MoneyConverter))]
public sealed class Money(decimal amount)
{
    private readonly decimal _amount = amount;

    public override string ToString() => _amount.ToString(CultureInfo.InvariantCulture);
}

public sealed class MoneyConverter : JsonConverter<Money>
{
    public override Money Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(decimal.Parse(reader.GetString()!, CultureInfo.InvariantCulture));

    public override void Write(Utf8JsonWriter writer, Money value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}

public sealed record Empty;

public sealed class WithEvent
{
    public event EventHandler? Changed;

    public void Change() => Changed?.Invoke(this, EventArgs.Empty);
}

public sealed record Node(int Id, IReadOnlyList<Node> Children);

public sealed record WithRequired
{
    public required int Id { get; init; }

    public required string? Text { get; init; }
}

public enum Colour
{
    Red,
    Green,
}
