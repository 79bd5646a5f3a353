using Microsoft.Extensions.Configuration;

namespace Simmer.Hosting;

/// <summary>Where a store finds its connection string. The configuration overrules the code, as with every option: the store's own key,
/// then <c>ConnectionStrings:Simmer</c>, then what the code gives.</summary>
/// <param name="Value">The connection string; null: there is none.</param>
/// <param name="From">Where it is from, for the log.</param>
/// <param name="Overruled">What is not used because of it, for the log; null: nothing.</param>
internal sealed record StoreConnectionString(string? Value, string From, string? Overruled)
{
    private const string Shared = "ConnectionStrings:Simmer";

    /// <summary>Finds it.</summary>
    /// <param name="configuration">The application's configuration.</param>
    /// <param name="section">The store's section, such as <c>Simmer:Postgres</c>.</param>
    /// <param name="inCode">What the code gives.</param>
    /// <param name="what">What that is, such as <c>the argument of UseSqlite</c>.</param>
    /// <param name="mayBeSection">Whether the section's own value is a connection string as well.</param>
    public static StoreConnectionString Find(IConfiguration? configuration, string section, string? inCode, string what,
        bool mayBeSection = false)
    {
        var found = Keys(section, mayBeSection).Where(key => configuration?[key] is { Length: > 0 })
            .Select(key => (Value: configuration![key], From: $"the configuration key {key}"))
            .Concat(inCode is null ? [] : [(Value: inCode, From: what)]).ToList();
        var differing = found.Skip(1).Where(f => f.Value != found[0].Value).Select(static f => f.From).ToList();
        return found.Count == 0
            ? new StoreConnectionString(null, what, null)
            : new StoreConnectionString(found[0].Value, found[0].From, differing.Count == 0 ? null : string.Join(" and ", differing));
    }

    /// <summary>The keys that are set although an object in the code is used; null: none.</summary>
    public static string? SetKeys(IConfiguration? configuration, string section) =>
        Keys(section, true).Where(key => configuration?[key] is { Length: > 0 }).Select(static key => $"the configuration key {key}")
            .ToList() is { Count: > 0 } keys ? string.Join(" and ", keys) : null;

    /// <summary>What to do where there is none.</summary>
    public static string WayOut(string section, string method) =>
        $"{method} has no connection string: give it one, or set {section}:ConnectionString or {Shared} in the configuration.";

    private static string[] Keys(string section, bool mayBeSection) =>
        mayBeSection ? [$"{section}:ConnectionString", section, Shared] : [$"{section}:ConnectionString", Shared];
}
