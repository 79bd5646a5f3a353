using System.Collections;
using System.Collections.Immutable;
using System.Reflection;

namespace Simmer.Tests.Payloads;

public sealed record Two<TFirst, TSecond>(TFirst First, TSecond Second);

public sealed record Init<T>
{
    public T? Value { get; init; }

    public required string Name { get; init; }
}

public sealed class Settable<T>
{
    public List<T> Values { get; set; } = [];

    public T? One { get; set; }
}

public sealed class Fields<T>
{
    public T? Value;

    public int Number;
}

public record struct Struct<T>(T Value, int Number);

/// <summary>Loses its value, because it has no setter that JSON can use.</summary>
public sealed class Forgets<T>
{
    public T? Value { get; private set; }

    public void Set(T value) => Value = value;
}

/// <summary>Loses its value, because only its own constructor fills it.</summary>
public readonly struct ForgetsToo<T>(T value)
{
    public T Value { get; } = value;
}

/// <summary>Types composed at random, and values of them.</summary>
internal sealed class RandomShapes(Random random)
{
    private static readonly Type[] s_leaves =
    [
        typeof(int), typeof(long), typeof(string), typeof(bool), typeof(double), typeof(decimal), typeof(Guid), typeof(DateTimeOffset),
            typeof(DateOnly), typeof(TimeSpan), typeof(JobId), typeof(WorkflowId),
        typeof(Colour), typeof(Half), typeof(Int128), typeof(byte[]), typeof(Uri), typeof(char),
    ];

    private static readonly Type[] s_of =
    [
        typeof(List<>), typeof(HashSet<>), typeof(ImmutableArray<>), typeof(IReadOnlyList<>), typeof(Queue<>), typeof(Init<>),
            typeof(Settable<>), typeof(Fields<>), typeof(Struct<>), typeof(ValueTuple<>), typeof(Held<>),
    ];

    private static readonly Type[] s_ofTwo = [typeof(Two<,>), typeof(ValueTuple<,>), typeof(Tuple<,>), typeof(KeyValuePair<,>)];
    private static readonly Type[] s_keys = [typeof(string), typeof(int), typeof(Guid), typeof(Colour), typeof(DateOnly), typeof(JobId)];
    private static readonly Type[] s_lossy = [typeof(Forgets<>), typeof(ForgetsToo<>)];

    public Type Type(int depth, bool isLossy = false)
    {
        if (depth == 0)
        {
            return isLossy ? Pick(s_lossy).MakeGenericType(Pick(s_leaves)) : Pick(s_leaves);
        }

        var inner = Type(depth - 1, isLossy);
        return random.Next(8) switch
        {
            0 => inner.MakeArrayType(),
            1 => typeof(Dictionary<,>).MakeGenericType(Pick(s_keys), inner),
            2 when inner.IsValueType && Nullable.GetUnderlyingType(inner) is null => typeof(Nullable<>).MakeGenericType(inner),
            3 => Pick(s_ofTwo).MakeGenericType(inner, Type(random.Next(depth))),
            4 => Pick(s_ofTwo).MakeGenericType(Type(random.Next(depth)), inner),
            _ => Pick(s_of).MakeGenericType(inner),
        };
    }

    public object? Value(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } value)
        {
            return random.Next(4) == 0 ? null : Value(value);
        }

        if (type.IsArray && type != typeof(byte[]))
        {
            return Elements(type.GetElementType()!);
        }

        return Leaf(type) ?? Composed(type);
    }

    /// <summary>Whether two values are equal in all their fields.</summary>
    public static bool Same(object? a, object? b)
    {
        if (a is null || b is null)
        {
            return a is null && b is null;
        }

        if (a is string or Uri || a.GetType().IsPrimitive || a.GetType().IsEnum
            || a is decimal or Guid or DateTimeOffset or DateOnly or TimeSpan or JobId or WorkflowId or Half or Int128)
        {
            return a.Equals(b);
        }

        if (a is IDictionary one && b is IDictionary other)
        {
            return one.Count == other.Count && one.Keys.Cast<object>().All(k => other.Contains(k) && Same(one[k], other[k]));
        }

        if (a is IEnumerable these && b is IEnumerable those)
        {
            return these.Cast<object?>().ToList() is var left && those.Cast<object?>().ToList() is var right && left.Count == right.Count
                && left.Zip(right).All(static p => Same(p.First, p.Second));
        }

        return a.GetType() == b.GetType() && a.GetType().GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .All(f => Same(f.GetValue(a), f.GetValue(b)));
    }

    private object? Leaf(Type type) =>
        type == typeof(int) ? random.Next(1, int.MaxValue)
        : type == typeof(long) ? random.NextInt64(1, long.MaxValue)
        : type == typeof(string) ? $"text {random.Next(1, 1_000_000)} \" \u0000 \u00e4 \U0001F600"
        : type == typeof(bool) ? true
        : type == typeof(double) ? random.NextDouble() + 0.1
        : type == typeof(decimal) ? random.Next(1, 1_000_000) / 100m
        : type == typeof(Guid) ? NewGuid()

            : type == typeof(DateTimeOffset)
            ? new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.FromHours(2)).AddTicks(random.NextInt64(1_000_000_000_000))
        : type == typeof(DateOnly) ? new DateOnly(2030, 1, 1).AddDays(random.Next(1, 10_000))
        : type == typeof(TimeSpan) ? TimeSpan.FromTicks(random.NextInt64(1, 1_000_000_000_000))
        : type == typeof(JobId) ? new JobId(NewGuid())
        : type == typeof(WorkflowId) ? WorkflowId.For($"flow-{random.Next()}")
        : type == typeof(Colour) ? Colour.Green
        : type == typeof(Half) ? (Half)random.Next(1, 1_000)
        : type == typeof(Int128) ? Int128.MaxValue - random.Next()
        : type == typeof(byte[]) ? NewGuid().ToByteArray()
        : type == typeof(Uri) ? new Uri($"https://example.org/{random.Next()}?a=b")
        : type == typeof(char) ? (char)random.Next('a', 'z')
        : null;

    private object Composed(Type type)
    {
        var definition = type.GetGenericTypeDefinition();
        var of = type.GenericTypeArguments;
        if (definition == typeof(Dictionary<,>))
        {
            var dictionary = (IDictionary)Activator.CreateInstance(type)!;
            for (var i = random.Next(3); i >= 0; i--)
            {
                dictionary[Value(of[0])!] = Value(of[1]);
            }

            return dictionary;
        }

        if (definition == typeof(IReadOnlyList<>))
        {
            return Elements(of[0]);
        }

        if (definition == typeof(ImmutableArray<>))
        {
            return typeof(ImmutableArray).GetMethods()
                .Single(static m => m is { Name: "Create", IsGenericMethod: true } && m
                .GetParameters() is [{ ParameterType.IsSZArray: true }])
                .MakeGenericMethod(of[0]).Invoke(null, [Elements(of[0])])!;
        }

        if (definition == typeof(List<>) || definition == typeof(HashSet<>) || definition == typeof(Queue<>))
        {
            return Activator.CreateInstance(type, Elements(of[0]))!;
        }

        if (type.GetConstructors().FirstOrDefault(static c => c.GetParameters().Length > 0) is { } constructor)
        {
            return constructor.Invoke([.. constructor.GetParameters().Select(p => Value(p.ParameterType))]);
        }

        var made = Activator.CreateInstance(type)!;
        foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
        {
            field.SetValue(made, Value(field.FieldType));
        }

        return made;
    }

    private Array Elements(Type type)
    {
        var array = Array.CreateInstance(type, random.Next(1, 4));
        for (var i = 0; i < array.Length; i++)
        {
            array.SetValue(Value(type), i);
        }

        return array;
    }

    private Guid NewGuid()
    {
        var bytes = new byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes);
    }

    private T Pick<T>(T[] of) => of[random.Next(of.Length)];
}
