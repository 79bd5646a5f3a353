using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;

namespace Simmer.Jobs;

/// <summary>Whether the container will be able to make a handler, so that a missing registration is told at start and not by the first
/// job.</summary>
internal static class Constructors
{
    public static string? WhyNot([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] Type type,
        IServiceProviderIsService services)
    {
        var constructors = type.IsAbstract ? [] : type.GetConstructors();
        if (constructors.Length == 0)
        {
            return "cannot be made: it needs a public constructor.";
        }

        // With several, the choice is the container's.
        if (constructors.Length > 1)
        {
            return null;
        }

        var missing = constructors[0].GetParameters().Where(p => !p.HasDefaultValue && !IsKnown(p, services))
            .Select(static p => TypeNames.An(p.ParameterType)).ToList();
        return missing.Count == 0
            ? null
            : $"asks for {string.Join(" and ", missing)}, which "
                + $"{(missing.Count == 1 ? "is not registered: register it" : "are not registered: register them")} with the "
                + "application's services.";
    }

    // The container itself knows best about keyed services.
    private static bool IsKnown(ParameterInfo parameter, IServiceProviderIsService services) =>
        parameter.IsDefined(typeof(FromKeyedServicesAttribute), inherit: true) || services.IsService(parameter.ParameterType);
}
