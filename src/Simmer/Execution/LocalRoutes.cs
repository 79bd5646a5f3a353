using Simmer.Storage;

namespace Simmer.Execution;

/// <summary>What the routes of drafts lead to.</summary>
internal static class LocalRoutes
{
    /// <summary>What works on the store that a draft goes to.</summary>
    public static StoreEngine Engine(this JobDraft draft) => ((LocalRoute)draft.Route!).Engine;
}
