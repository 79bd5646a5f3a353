using System.Text;

namespace Simmer.ApiTests.Overloads;

/// <summary>Writes the overloads of <c>SimmerBuilder.AddJob</c> that take a delegate: four families, told apart by what the delegate
/// returns, each with none to four services.</summary>
internal static class AddJobOverloads
{
    private static readonly Family[] s_families =
    [
        new("no result", "Task", HasResult: false),
        new("a verdict", "Task<JobVerdict>", HasResult: false),
        new("its result", "Task<TResult>", HasResult: true),
        new("its result or a verdict", "Task<JobVerdict<TResult>>", HasResult: true),
    ];

    public static IEnumerable<GeneratedFile> Files()
    {
        var shapes =
            from family in s_families
            from count in CodeText.ServiceCounts
            select Shape(family, CodeText.Services(count));
        yield return GeneratedFile.Of("src/Simmer/Hosting/SimmerBuilder.Delegates.g.cs", nameof(AddJobOverloads), $$"""
            using Simmer.Jobs;

            namespace Simmer;

            /// <summary>Handlers as delegates: the job first, then up to four parameters (services of the attempt's DI scope, results of
            /// earlier steps, or the <see cref="JobContext"/>), the cancellation token last. What a parameter means is decided once, at
            /// start.</summary>
            // There is no family for ValueTask: beside the one for Task it would make every async lambda ambiguous.
            public sealed partial class SimmerBuilder
            {
            {{string.Join("\n\n", shapes)}}
            }
            """);
    }

    private static string Shape(Family family, string[] services)
    {
        string[] result = family.HasResult ? ["TResult"] : [];
        var types = CodeText.List(["TJob", .. services, .. result]);
        var handler = $"Func<{CodeText.List(["TJob", .. services, "CancellationToken", family.Returns])}>";
        var text = new StringBuilder();
        text.Append($"    /// <summary>Registers a job with a delegate that returns {family.Summary}.</summary>\n");
        text.Append("    /// <typeparam name=\"TJob\">The job.</typeparam>\n");
        foreach (var service in services)
        {
            text.Append($"    /// <typeparam name=\"{service}\">A parameter: a service, the result of an earlier step, or ")
                .Append("<see cref=\"JobContext\"/>.</typeparam>\n");
        }

        text.Append(family.HasResult ? "    /// <typeparam name=\"TResult\">The type of the job's result.</typeparam>\n" : string.Empty);
        text.Append("    /// <param name=\"handler\">Does the work.</param>\n");
        text.Append("    /// <param name=\"configure\">Sets the kind's options, over its <see cref=\"JobAttribute\"/>.</param>\n");
        text.Append("    /// <returns>The builder.</returns>\n");
        text.Append(CodeText.Call(
            4, $"public SimmerBuilder AddJob<{types}>", [$"{handler} handler", "Action<JobOptions>? configure = null"], "\n"));
        text.Append($"        where TJob : class, {(family.HasResult ? "IJob<TResult>" : "IJob")}\n");
        foreach (var service in services)
        {
            text.Append($"        where {service} : notnull\n");
        }

        var arguments = services.Select(static (service, i) => $"parameters.Get<{service}>({i})");
        text.Append("    {\n");
        text.Append("        ArgumentNullException.ThrowIfNull(handler);\n");
        text.Append("        return Add<TJob>(new DelegateHandlerFactory(\n");
        text.Append($"            [{CodeText.List(services.Select(static s => $"typeof({s})"))}],\n");
        text.Append("            (job, parameters, cancellationToken) =>\n");
        text.Append(CodeText.Call(16, "handler", ["(TJob)job", .. arguments, "cancellationToken"], ",\n"));
        text.Append($"            typeof({family.Returns})), configure);\n");
        return text.Append("    }").ToString();
    }

    private sealed record Family(string Summary, string Returns, bool HasResult);
}
