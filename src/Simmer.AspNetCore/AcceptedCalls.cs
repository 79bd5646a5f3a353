using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.Controllers;

namespace Simmer.AspNetCore;

/// <summary>Finds endpoints whose code calls <see cref="JobResults"/> although their type does not show it: a request delegate, an endpoint
/// that returns an <see cref="IResult"/>, an action of a controller. The search reads the endpoint's own method and the methods of its
/// class that this one calls.</summary>
internal static class AcceptedCalls
{
    private const string Trimmed = "It tells of a mistake, in Development. What is trimmed away, or compiled natively, is not found.";

    private const byte FirstOfTwo = 0xfe;

    /// <summary>The most methods that are read for one endpoint. A class rarely has as many; the bound keeps generated code from holding up
    /// the start.</summary>
    private const int MostMethods = 200;

    private static readonly Dictionary<short, OpCode> s_operations = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(static f => (OpCode)f.GetValue(null)!).ToDictionary(static c => c.Value);

    /// <summary>Whether the code of an endpoint has such a call. No request need ever reach it.</summary>
    public static bool AreMadeBy(Endpoint endpoint)
    {
        if (!RuntimeFeature.IsDynamicCodeSupported || MethodOf(endpoint) is not { } first)
        {
            return false;
        }

        var home = Outermost(first.DeclaringType);
        var (seen, next) = (new HashSet<MethodBase> { first }, new Queue<MethodBase>([first]));
        while (seen.Count <= MostMethods && next.TryDequeue(out var method))
        {
            foreach (var called in Called(method))
            {
                if (called.DeclaringType == typeof(JobResults))
                {
                    return true;
                }

                if (Outermost(called.DeclaringType) == home && seen.Add(called))
                {
                    next.Enqueue(called);
                }
            }
        }

        return false;
    }

    private static MethodBase? MethodOf(Endpoint endpoint) =>
        endpoint.Metadata.GetMetadata<ControllerActionDescriptor>()?.MethodInfo ?? endpoint.Metadata.GetMetadata<MethodInfo>()
            ?? endpoint.RequestDelegate?.Method;

    private static Type? Outermost(Type? type)
    {
        while (type?.DeclaringType is { } outer)
        {
            type = outer;
        }

        return type;
    }

    /// <summary>The methods that a method calls or makes delegates of. For an asynchronous method, those of its state machine.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = Trimmed)]
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = Trimmed)]
    private static IEnumerable<MethodBase> Called(MethodBase method)
    {
        var body = method.GetCustomAttribute<AsyncStateMachineAttribute>() is { } machine
            ? machine.StateMachineType.GetMethod("MoveNext", BindingFlags.Instance | BindingFlags.NonPublic) ?? method
            : method;
        var arguments = body.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null;
        foreach (var token in Tokens(body.GetMethodBody()?.GetILAsByteArray() ?? []))
        {
            MethodBase? called = null;
            try
            {
                called = body.Module.ResolveMethod(token, arguments, body.IsGenericMethod ? body.GetGenericArguments() : null);
            }
            catch (Exception e) when (e is ArgumentException or IOException or TypeLoadException or BadImageFormatException
                or NotSupportedException)
            {
                // The called method belongs to an assembly that cannot be loaded.
            }

            if (called is not null)
            {
                yield return called;
            }
        }
    }

    /// <summary>The tokens of the methods that stand in a method's IL (ECMA-335, III.1.2).</summary>
    private static IEnumerable<int> Tokens(byte[] code)
    {
        for (var at = 0; at < code.Length;)
        {
            var value = code[at] == FirstOfTwo && at + 1 < code.Length ? BinaryPrimitives.ReadInt16BigEndian(code.AsSpan(at)) : code[at];
            if (!s_operations.TryGetValue(value, out var operation))
            {
                yield break;
            }

            at += operation.Size;
            if (operation.OperandType == OperandType.InlineMethod)
            {
                yield return BinaryPrimitives.ReadInt32LittleEndian(code.AsSpan(at));
            }

            at += operation.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BinaryPrimitives.ReadInt32LittleEndian(code.AsSpan(at))),
                _ => 4,
            };
        }
    }
}
