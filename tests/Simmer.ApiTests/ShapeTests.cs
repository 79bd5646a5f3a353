using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Simmer.Postgres;
using Simmer.Sqlite;

namespace Simmer.ApiTests;

/// <summary>Methods that do alike are called alike, and are found without a look at the docs.</summary>
public sealed class ShapeTests
{
    private static readonly string[] s_order = ["name", "job", "undo", "options", "cancellationToken"];

    private static readonly Assembly[] s_packages =
    [
        typeof(IJobClient).Assembly, typeof(JobResults).Assembly, typeof(SimmerDbContextExtensions).Assembly,
        typeof(PostgresStoreOptions).Assembly, typeof(SqliteStoreOptions).Assembly,
    ];

    private static IEnumerable<MethodInfo> Methods =>
        from package in s_packages
        from type in package.GetExportedTypes()
        from method in type.GetMethods(
            BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
        select method;

    [Fact]
    public void A_job_comes_after_its_name_and_before_its_undo_and_its_options()
    {
        var methods = Methods
            .Where(static m => Array.Exists(m.GetParameters(), IsJob))
            .Select(static m => (Method: m, Parameters: m.GetParameters().Select(static p => p.Name!).Where(s_order.Contains).ToArray()))
            .ToList();

        methods.Count.ShouldBeGreaterThan(20);
        methods.Where(static m => !m.Parameters.SequenceEqual(s_order.Where(m.Parameters.Contains)))
            .Select(static m => $"{m.Method.DeclaringType!.Name}.{m.Method.Name}({string.Join(", ", m.Parameters)})").ShouldBeEmpty();
    }

    [Fact]
    public void Extension_methods_are_in_namespaces_that_users_import_already() =>
        Methods.Where(static m => m.IsDefined(typeof(ExtensionAttribute)) && !IsOwn(m) && !IsImported(m.DeclaringType!.Namespace!))
            .Select(static m => $"{m.DeclaringType!.FullName}.{m.Name}").ShouldBeEmpty();

    private static bool IsJob(ParameterInfo parameter) => parameter.Name == "job" && typeof(IJob).IsAssignableFrom(parameter.ParameterType);

    private static bool IsImported(string name) => name.StartsWith("Microsoft.", StringComparison.Ordinal);

    /// <summary>Whether the method extends a type of its own package and namespace, so that whoever has the type has the method.</summary>
    private static bool IsOwn(MethodInfo method) =>
        method.GetParameters()[0].ParameterType is var type && type.Assembly == method.DeclaringType!.Assembly
        && type.Namespace == method.DeclaringType.Namespace;
}
