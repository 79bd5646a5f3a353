using System.Globalization;
using Microsoft.Extensions.Configuration;
using Simmer.Jobs;

namespace Simmer.Hosting;

/// <summary>Reads sections of the configuration over what code has set: <c>Simmer</c> and those of the stores below it. Written out by
/// hand, because the binder appends to lists where these are replaced, ignores misspelt keys, and stops at the first value that it cannot
/// read.</summary>
/// <param name="problems">Takes what is wrong, all of it, to be told at start.</param>
internal sealed class ConfigurationReader(List<string> problems)
{
    /// <summary>Reads the keys below a section.</summary>
    /// <param name="section">The section.</param>
    /// <param name="settings">How each known key is read.</param>
    /// <param name="foreign">Keys that others read.</param>
    public void Read(IConfigurationSection section, Dictionary<string, Action<IConfigurationSection>> settings, params string[] foreign)
    {
        RefuseValue(section, settings.Keys);
        ReadBesideValue(section, settings, foreign);
    }

    /// <summary>The same for a section that may also have a value, which others read.</summary>
    public void ReadBesideValue(IConfigurationSection section, Dictionary<string, Action<IConfigurationSection>> settings,
        params string[] foreign)
    {
        foreach (var child in section.GetChildren())
        {
            if (Find(settings, child.Key) is { } read)
            {
                read(child);
            }
            else if (!foreign.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
            {
                var near = Names.Nearest(child.Key, settings.Keys.Concat(foreign)) is { } name
                    ? $"did you mean '{name}'?"
                    : $"known are {string.Join(", ", settings.Keys)}.";
                problems.Add($"The configuration key '{child.Path}' is not known; {near}");
            }
        }
    }

    public static List<string> List(IConfigurationSection section) =>
        section.Value is { } line
            ? [.. line.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)]
            : [.. section.GetChildren().Select(static c => c.Value).OfType<string>()];

    public void Text(IConfigurationSection section, Action<string> set) =>
        Parsed(section, "a text", section.Value is { Length: > 0 }, section.Value!, set);

    public void Int(IConfigurationSection section, Action<int> set) =>
        Parsed(section, "a whole number", int.TryParse(section.Value, NumberStyles.Integer, CultureInfo.InvariantCulture, out var value),
            value, set);

    public void Bool(IConfigurationSection section, Action<bool> set) =>
        Parsed(section, "true or false", bool.TryParse(section.Value, out var value), value, set);

    public void Version(IConfigurationSection section, Action<Version> set) =>
        Parsed(section, "a version of two to four numbers, such as 2.1.0", System.Version.TryParse(section.Value, out var value), value!,
            set);

    public void Time(IConfigurationSection section, Action<TimeSpan> set) =>
        Parsed(section, "a time such as 00:00:15", TryTime(section.Value, out var value), value, set);

    public void Enumeration<TEnum>(IConfigurationSection section, Action<TEnum> set)
        where TEnum : struct, Enum =>
        Parsed(section, "one of " + string.Join(", ", Enum.GetNames<TEnum>()),
            Enum.TryParse<TEnum>(section.Value, ignoreCase: true, out var value) && Enum.IsDefined(value), value, set);

    /// <summary>Notes something that is wrong.</summary>
    public void Problem(string problem) => problems.Add(problem);

    // TimeSpan takes a bare number for days: "5" would be five of them where five seconds were meant.
    private static bool TryTime(string? text, out TimeSpan value) =>
        TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out value) && text.Contains(':', StringComparison.Ordinal);

    private static Action<IConfigurationSection>? Find(Dictionary<string, Action<IConfigurationSection>> settings, string key) =>
        settings.FirstOrDefault(s => s.Key.Equals(key, StringComparison.OrdinalIgnoreCase)).Value;

    private void RefuseValue(IConfigurationSection section, IEnumerable<string> keys)
    {
        if (section.Value is { Length: > 0 } value)
        {
            problems.Add($"The configuration key '{section.Path}' is '{value}'; it takes no value, only the keys "
                + $"{string.Join(", ", keys)} below it.");
        }
    }

    private void Parsed<T>(IConfigurationSection section, string expected, bool parsed, T value, Action<T> set)
    {
        if (parsed)
        {
            set(value);
        }
        else
        {
            problems.Add($"The configuration key '{section.Path}' is '{section.Value}'; it takes {expected}.");
        }
    }
}
