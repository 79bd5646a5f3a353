using System.Text;

namespace Simmer.ApiTests.Overloads;

/// <summary>Writes the overloads of <c>BackgroundTasks.Add</c>: three families, told apart by what the delegate returns, each with and
/// without a leading argument, with none to four services, with and without a token.</summary>
internal static class AddTaskOverloads
{
    private static readonly Family[] s_families =
    [
        new(
            "Tasks", "a task", "Func{Task}", Returns: "Task", Priority: 0, """
            /// <summary>The shapes of <c>Add</c>: nothing, a token, up to four services, or services and a token, with or without a leading
            /// argument.</summary>
            // Each shape exists for Task, ValueTask and Action. Without the first two, an async lambda would become an async void Action,
            // whose end and exceptions nobody sees.
            // Services are constrained to classes, so that a CancellationToken is never taken for a service.
            """),
        new(
            "ValueTasks", "a task", "Func{ValueTask}", Returns: "ValueTask", Priority: -1, """
            /// <summary>The shapes of <c>Add</c> for delegates that return a <see cref="ValueTask"/>.</summary>
            // Their priority is lower than that of the shapes for Task: with equal ones every async lambda would be ambiguous.
            """),
        new(
            "Actions", "a synchronous task", "Action", Returns: null, Priority: -2, """
            /// <summary>The shapes of <c>Add</c> for synchronous delegates.</summary>
            // Their priority is the lowest, so that a lambda that can return a task is taken as one that does.
            """),
    ];

    public static IEnumerable<GeneratedFile> Files() => s_families.Select(static family =>
    {
        var shapes =
            from takesArgument in new[] { false, true }
            from count in CodeText.ServiceCounts
            from takesToken in new[] { false, true }
            select Shape(family, takesArgument, CodeText.Services(count), takesToken);
        var priorities = family.Priority == 0 ? string.Empty : "using System.Runtime.CompilerServices;\n";
        return GeneratedFile.Of($"src/Simmer/AfterResponse/BackgroundTasks.{family.File}.g.cs", nameof(AddTaskOverloads), $$"""
            {{priorities}}using Microsoft.Extensions.DependencyInjection;
            using Simmer.AfterResponse;

            namespace Simmer;

            {{family.Comment}}
            public sealed partial class BackgroundTasks
            {
            {{string.Join("\n\n", shapes)}}
            }
            """);
    });

    private static string Shape(Family family, bool takesArgument, string[] services, bool takesToken)
    {
        string[] argument = takesArgument ? ["TArg"] : [];
        string[] token = takesToken ? ["CancellationToken"] : [];
        var types = CodeText.List([.. argument, .. services]);
        var work = family.Delegate([.. argument, .. services, .. token]);
        var text = new StringBuilder();
        text.Append(Summary(family, takesArgument, services, takesToken));
        text.Append(family.Priority == 0 ? string.Empty : $"    [OverloadResolutionPriority({family.Priority})]\n");
        text.Append($"    public void Add{(types.Length == 0 ? string.Empty : $"<{types}>")}")
            .Append($"({(takesArgument ? "TArg argument, " : string.Empty)}{work} task)");
        foreach (var service in services)
        {
            text.Append($"\n        where {service} : class");
        }

        string[] values =
        [
            .. takesArgument ? ["(TArg)t.Argument!"] : Array.Empty<string>(),
            .. services.Select(static s => $"services.GetRequiredService<{s}>()"),
            .. takesToken ? ["cancellationToken"] : Array.Empty<string>(),
        ];
        var traits = family.Traits(services.Length > 0) + (takesArgument ? ", argument" : string.Empty);
        text.Append(" =>\n")
            .Append("        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken)")
            .Append(" =>\n");
        if (family.Returns is not null)
        {
            text.Append(CodeText.Call(12, $"(({work})t.Work!)", values, family.Returns == "ValueTask" ? ".AsTask(),\n" : ",\n"));
            return text.Append($"            {traits});").ToString();
        }

        text.Append("        {\n");
        text.Append(CodeText.Call(12, $"(({work})t.Work!)", values, ";\n"));
        text.Append("            return Task.CompletedTask;\n");
        return text.Append($"        }}, {traits});").ToString();
    }

    private static string Summary(Family family, bool takesArgument, string[] services, bool takesToken)
    {
        if (!takesArgument && services.Length == 0 && !takesToken)
        {
            return $"""
                    /// <summary>Adds {family.What} to run after the response.</summary>
                    /// <param name="task">The task.</param>
                    /// <exception cref="QueueFullException">The queue of after-response tasks is full; unhandled, it becomes 503 with
                    /// <c>Retry-After</c>.</exception>
                    /// <exception cref="InvalidOperationException">The tasks were handed over already.</exception>

                """;
        }

        var text = new StringBuilder($"    /// <inheritdoc cref=\"Add({family.First})\"/>\n");
        text.Append(takesArgument ? "    /// <typeparam name=\"TArg\">The argument's type.</typeparam>\n" : string.Empty);
        foreach (var service in services)
        {
            text.Append($"    /// <typeparam name=\"{service}\">A service of the task's own DI scope.</typeparam>\n");
        }

        text.Append(takesArgument ? "    /// <param name=\"argument\">Given to the task first.</param>\n" : string.Empty);
        string[] taken =
        [
            .. takesArgument ? ["the argument"] : Array.Empty<string>(),
            .. services.Length switch { 0 => Array.Empty<string>(), 1 => ["a service"], _ => ["services"] },
            .. takesToken ? ["a token that is cancelled on shutdown after the drain"] : Array.Empty<string>(),
        ];
        var list = taken.Length == 1 ? taken[0] : $"{CodeText.List(taken[..^1])} and {taken[^1]}";
        return text.Append($"    /// <param name=\"task\">The task; it takes {list}.</param>\n").ToString();
    }

    /// <summary>The overloads whose delegates return the same.</summary>
    /// <param name="File">The middle of the file's name.</param>
    /// <param name="What">What is added, in words.</param>
    /// <param name="First">The shape without parameters, as a reference of the documentation names it.</param>
    /// <param name="Returns">What the delegate returns; null: nothing.</param>
    /// <param name="Priority">The priority in overload resolution; 0 is the default and is not written.</param>
    /// <param name="Comment">The summary and comments of the part.</param>
    private sealed record Family(string File, string What, string First, string? Returns, int Priority, string Comment)
    {
        public string Delegate(string[] parameters) => (Returns, parameters.Length) switch
        {
            (null, 0) => "Action",
            (null, _) => $"Action<{CodeText.List(parameters)}>",
            _ => $"Func<{CodeText.List([.. parameters, Returns])}>",
        };

        public string Traits(bool usesServices)
        {
            string[] traits =
            [
                .. usesServices ? ["TaskTraits.UsesServices"] : Array.Empty<string>(),
                .. Returns is null ? ["TaskTraits.Synchronous"] : Array.Empty<string>(),
            ];
            return traits.Length == 0 ? "TaskTraits.None" : string.Join(" | ", traits);
        }
    }
}
