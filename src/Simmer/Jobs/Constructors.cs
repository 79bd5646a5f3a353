using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;

namespace Simmer.Jobs;

/// <summary>Tells whether the container can make a handler, so that a missing registration is reported at start and not by the first
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

        // Of several constructors the container chooses one; which one cannot be told here.
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

    // IsService knows nothing of keyed services, so a keyed parameter is taken as known.
    private static bool IsKnown(ParameterInfo parameter, IServiceProviderIsService services) =>
        parameter.IsDefined(typeof(FromKeyedServicesAttribute), inherit: true) || services.IsService(parameter.ParameterType);
}
