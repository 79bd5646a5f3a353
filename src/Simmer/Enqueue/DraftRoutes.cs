using Simmer.Jobs;
using Simmer.Storage;

namespace Simmer.Enqueue;

/// <summary>The routes of drafts.</summary>
internal static class DraftRoutes
{
    /// <summary>The routes of drafts in their order, each with how many in a row take it: mostly there is one.</summary>
    public static IEnumerable<(JobRoute Route, int Count)> Of(IReadOnlyList<JobDraft> drafts)
    {
        for (var i = 0; i < drafts.Count;)
        {
            var (route, from) = (drafts[i].Route!, i);
            while (++i < drafts.Count && ReferenceEquals(drafts[i].Route, route))
            {
            }

            yield return (route, i - from);
        }
    }
}
