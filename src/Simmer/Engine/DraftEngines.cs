using Simmer.Storage;

namespace Simmer.Engine;

/// <summary>Where drafts go.</summary>
internal static class DraftEngines
{
    /// <summary>What works on the store that a draft goes to.</summary>
    public static StoreEngine Engine(this JobDraft draft) => ((EngineRoute)draft.Route!).Engine;
}
