using System.Collections;
using System.Text.Json.Serialization;

namespace Simmer.Tests.Payloads;

#pragma warning disable CA1051, CA1815, CA2227, CA1710, CA1010, IDE0032, IDE0044

public sealed class PrivateSetter
{
    public string Name { get; private set; } = "";

    public void Rename(string name) => Name = name;
}

public sealed record GetOnlyList(int Id)
{
    public List<string> Lines { get; } = [];
}

public sealed class GetOnlyListInAClass
{
    public IDictionary<string, int> Lines { get; } = new Dictionary<string, int>();
}

public sealed class ListBehindAField
{
    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines => _lines;

    public void Add(string line) => _lines.Add(line);
}

public sealed class ValueBehindAField
{
    private int _count;

    public int Count => _count;

    public void Add() => _count++;
}

public readonly struct Opaque(int x)
{
    public override string ToString() => $"{x}";
}

public sealed class Hidden
{
    private string? _text;

    public void Set(string text) => _text = text;

    public override string ToString() => _text ?? "";
}

public readonly struct ReadOnlyPoint(int x, int y)
{
    public int X { get; } = x;

    public int Y { get; } = y;
}

public sealed record OfItsTime(int Id)
{
    public DateTimeOffset At { get; } = DateTimeOffset.UtcNow;
}

public sealed record WithTokenOfItsOwn(int Id)
{
    public Guid Token { get; } = Guid.NewGuid();
}

public sealed record WithInternal(int Id)
{
    internal string? Secret { get; set; }
}

public sealed class TwoConstructors
{
    public TwoConstructors()
    {
    }

    public TwoConstructors(int number) => Number = number;

    public int Number { get; }
}

public sealed class UnboundParameter(string name)
{
    public string Greeting => "Hello " + name;
}

public sealed record ReadOnlyField(int Id)
{
    public readonly DateTime At = DateTime.UtcNow;
}

public sealed class TitledLines : List<string>
{
    public string Title { get; set; } = "";
}

public sealed class Basket(string owner) : IEnumerable<string>
{
    public string Owner { get; } = owner;

    public IEnumerator<string> GetEnumerator() => Enumerable.Empty<string>().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

public abstract record Shape(string Colour);

[JsonDerivedType(typeof(NamelessCircle))]
public record NamelessShape(string Colour);

public sealed record NamelessCircle(string Colour, double Radius) : NamelessShape(Colour);

public readonly record struct OddKey(int A, int B);

public record BaseWithPrivateSetter
{
    public int Hidden { get; protected set; }
}

public sealed record DerivedFromPrivateSetter(int Id) : BaseWithPrivateSetter;

public sealed record WithComputedDelegate(int Id)
{
    public Func<int> Next => () => Id + 1;
}
