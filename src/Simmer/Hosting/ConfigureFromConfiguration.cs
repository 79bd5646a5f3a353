using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Simmer.Hosting;

/// <summary>Reads the section <c>Simmer</c> over what code set. Written out by hand: lists are replaced and not appended, only declared
/// queues may be named, misspelt keys get the nearest name, and all problems are told at once; the binder does none of it.</summary>
internal sealed class ConfigureFromConfiguration(SimmerSetup setup, IConfiguration? configuration) : IPostConfigureOptions<SimmerOptions>
{
    /// <summary>Sections that belong to other packages.</summary>
    private static readonly string[] s_foreign = ["Sqlite", "Postgres", "Dashboard"];

    public void PostConfigure(string? name, SimmerOptions options)
    {
        if (configuration?.GetSection("Simmer") is not { } section)
        {
            return;
        }

        Read(section, new Dictionary<string, Action<IConfigurationSection>>(StringComparer.OrdinalIgnoreCase)
        {
            [nameof(options.ApplicationVersion)] = s => Version(s, v => options.ApplicationVersion = v),
            [nameof(options.DefaultMaxAttempts)] = s => Int(s, v => options.DefaultMaxAttempts = v),
            [nameof(options.DefaultTimeLimit)] = s => Time(s, v => options.DefaultTimeLimit = v),
            [nameof(options.StuckAfter)] = s => Time(s, v => options.StuckAfter = v),
            [nameof(options.Lease)] = s => Time(s, v => options.Lease = v),
            [nameof(options.PollInterval)] = s => Time(s, v => options.PollInterval = v),
            [nameof(options.PruneInterval)] = s => Time(s, v => options.PruneInterval = v),
            [nameof(options.MaxClockSkew)] = s => Time(s, v => options.MaxClockSkew = v),
            [nameof(options.EnqueueTimeout)] = s => Time(s, v => options.EnqueueTimeout = v),
            [nameof(options.MaxPayloadBytes)] = s => Int(s, v => options.MaxPayloadBytes = v),
            [nameof(options.MaxResultBytes)] = s => Int(s, v => options.MaxResultBytes = v),
            [nameof(options.Worker)] = s => ReadWorker(s, options.Worker),
            [nameof(options.Queues)] = s => ReadQueues(s, options),
        }, s_foreign);
    }

    private void ReadWorker(IConfigurationSection section, WorkerOptions worker) =>
        Read(section, new Dictionary<string, Action<IConfigurationSection>>(StringComparer.OrdinalIgnoreCase)
        {
            [nameof(worker.Enabled)] = s => Bool(s, v => worker.Enabled = v),
            [nameof(worker.Name)] = s => worker.Name = s.Value,
            [nameof(worker.Queues)] = s => worker.Queues = List(s),
            [nameof(worker.Capabilities)] = s => worker.Capabilities = List(s),
        });

    private void ReadQueues(IConfigurationSection section, SimmerOptions options)
    {
        foreach (var child in section.GetChildren())
        {
            if (!options.Queues.TryGetValue(child.Key, out var queue))
            {
                setup.ConfigurationProblems
                    .Add($"The configuration tunes {Names.NotDeclared("queue", child.Key, options.Queues.Keys)} Configuration may only "
                    + $"tune declared queues: declare it with AddQueue(\"{child.Key}\").");
                continue;
            }

            Read(child, new Dictionary<string, Action<IConfigurationSection>>(StringComparer.OrdinalIgnoreCase)
            {
                [nameof(queue.Durability)] = s => Enumeration<Durability>(s, v => queue.Durability = v),
                [nameof(queue.Concurrency)] = s => Int(s, v => queue.Concurrency = v),
                [nameof(queue.Threads)] = s => Enumeration<QueueThreads>(s, v => queue.Threads = v),
                [nameof(queue.Requires)] = s => queue.Requires = List(s),
                [nameof(queue.Capacity)] = s => Int(s, v => queue.Capacity = v),
                [nameof(queue.KeepSucceeded)] = s => Time(s, v => queue.KeepSucceeded = v),
                [nameof(queue.KeepFailed)] = s => Time(s, v => queue.KeepFailed = v),
                [nameof(queue.LocalDispatch)] = s => Bool(s, v => queue.LocalDispatch = v),
                [nameof(queue.MaxPrefetch)] = s => Int(s, v => queue.MaxPrefetch = v),
            });
        }
    }

    private void Read(IConfigurationSection section, Dictionary<string, Action<IConfigurationSection>> settings, params string[] foreign)
    {
        if (section.Value is { Length: > 0 } value)
        {
            setup.ConfigurationProblems
                .Add($"The configuration key '{section.Path}' is '{value}'; it takes no value, only the keys "
                + $"{string.Join(", ", settings.Keys)} below it.");
        }

        foreach (var child in section.GetChildren())
        {
            if (settings.TryGetValue(child.Key, out var read))
            {
                read(child);
            }
            else if (!foreign.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
            {
                var near = Names.Nearest(child.Key, settings.Keys) is { } name
                    ? $"did you mean '{name}'?"
                    : $"known are {string.Join(", ", settings.Keys)}.";
                setup.ConfigurationProblems.Add($"The configuration key '{child.Path}' is not known; {near}");
            }
        }
    }

    private static List<string> List(IConfigurationSection section) =>
        section.Value is { } line
            ? [.. line.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)]
            : [.. section.GetChildren().Select(static c => c.Value).OfType<string>()];

    private void Int(IConfigurationSection section, Action<int> set) =>
        Parsed(section, "a whole number", int.TryParse(section.Value, NumberStyles.Integer, CultureInfo.InvariantCulture, out var value),
            value, set);

    private void Bool(IConfigurationSection section, Action<bool> set) =>
        Parsed(section, "true or false", bool.TryParse(section.Value, out var value), value, set);

    private void Version(IConfigurationSection section, Action<Version> set) =>
        Parsed(section, "a version of two to four numbers, such as 2.1.0", System.Version.TryParse(section.Value, out var value), value!,
            set);

    private void Time(IConfigurationSection section, Action<TimeSpan> set) =>
        Parsed(section, "a time such as 00:00:15", TryTime(section.Value, out var value), value, set);

    // A bare number would be taken for days.
    private static bool TryTime(string? text, out TimeSpan value) =>
        TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out value) && text.Contains(':', StringComparison.Ordinal);

    private void Enumeration<TEnum>(IConfigurationSection section, Action<TEnum> set)
        where TEnum : struct, Enum =>
        Parsed(section, "one of " + string.Join(", ", Enum.GetNames<TEnum>()),
            Enum.TryParse<TEnum>(section.Value, ignoreCase: true, out var value) && Enum.IsDefined(value), value, set);

    private void Parsed<T>(IConfigurationSection section, string expected, bool parsed, T value, Action<T> set)
    {
        if (parsed)
        {
            set(value);
        }
        else
        {
            setup.ConfigurationProblems.Add($"The configuration key '{section.Path}' is '{section.Value}'; it takes {expected}.");
        }
    }
}
