using System.Collections;
using System.Reflection;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Callers;

/// <summary>Calls of all public methods of an object, found by reflection, each with arguments that are right; and waits for what they
/// give.</summary>
internal static class PublicCalls
{
    /// <param name="target">The object.</param>
    /// <param name="surface">The type whose methods are called.</param>
    /// <param name="arguments">Makes an argument; null: there is none for this parameter.</param>
    /// <param name="leftOut">Methods that are not called.</param>
    public static IEnumerable<(string Name, Action Call)> Of(object target, Type surface, Func<ParameterInfo, object?> arguments,
        params string[] leftOut)
    {
        foreach (var declared in surface.GetMethods(BindingFlags.Public | BindingFlags.Instance)
            .Where(m => m.DeclaringType != typeof(object) && !m.IsSpecialName && !leftOut.Contains(m.Name)))
        {
            var method = declared.IsGenericMethodDefinition
                ? declared.MakeGenericMethod([.. declared.GetGenericArguments().Select(static _ => typeof(Receipt))])
                : declared;
            var given = method.GetParameters().Select(arguments).ToArray();
            yield return ($"{surface.Name}.{method}", () => WaitFor(method.Invoke(target, given)));
        }
    }

    private static void WaitFor(object? answer)
    {
        switch (answer)
        {
            case null:
                return;
            case Task task:
                task.GetAwaiter().GetResult();
                return;
            case ValueTask task:
                task.AsTask().GetAwaiter().GetResult();
                return;
        }

        var type = answer.GetType();
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueTask<>))
        {
            ((Task)type.GetMethod(nameof(ValueTask<>.AsTask))!.Invoke(answer, [])!).GetAwaiter().GetResult();
        }
        else if (answer is not IEnumerable && type.GetInterfaces()
            .FirstOrDefault(static i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>)) is { } stream)
        {
            typeof(PublicCalls).GetMethod(nameof(WaitForAll),
                BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(stream.GetGenericArguments()).Invoke(null, [answer]);
        }
    }

    private static void WaitForAll<T>(IAsyncEnumerable<T> items)
    {
        var enumerator = items.GetAsyncEnumerator();
        while (enumerator.MoveNextAsync().AsTask().GetAwaiter().GetResult())
        {
            _ = enumerator.Current;
        }

        enumerator.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}
