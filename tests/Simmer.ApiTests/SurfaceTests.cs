using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace Simmer.ApiTests;

/// <summary>What of the package is promised, and what is for authors of stores only.</summary>
public sealed class SurfaceTests
{
    private const int MostStableTypes = 80;

    private static readonly Assembly s_simmer = typeof(IJobClient).Assembly;

    private static IEnumerable<Type> Stable => s_simmer.GetExportedTypes().Where(static t => !IsExperimental(t));

    [Fact]
    public void The_stable_surface_stays_small() => Stable.Count().ShouldBeLessThan(MostStableTypes);

    [Fact]
    public void All_of_the_seam_for_stores_is_experimental() =>
        Stable.Where(static t => t.Namespace == "Simmer.Storage").Select(static t => t.Name).ShouldBeEmpty();

    [Fact]
    public void No_stable_member_shows_a_type_of_the_seam()
    {
        var shown = from type in Stable
                    from member in type.GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static
                        | BindingFlags.DeclaredOnly)
                    where !IsExperimental(member)
                    from used in TypesOf(member)
                    where IsExperimental(used)
                    select $"{type.Name}.{member.Name} shows {used.Name}";

        shown.ShouldBeEmpty();
    }

    private static bool IsExperimental(MemberInfo member) => member.IsDefined(typeof(ExperimentalAttribute));

    private static IEnumerable<Type> TypesOf(MemberInfo member) => (member switch
    {
        MethodInfo method => method.GetParameters().Select(static p => p.ParameterType).Append(method.ReturnType),
        ConstructorInfo constructor => constructor.GetParameters().Select(static p => p.ParameterType),
        PropertyInfo property => [property.PropertyType],
        FieldInfo field => [field.FieldType],
        _ => [],
    }).SelectMany(Parts);

    private static IEnumerable<Type> Parts(Type type) =>
        type.GetGenericArguments().SelectMany(Parts).Append(type.HasElementType ? type.GetElementType()! : type);
}
