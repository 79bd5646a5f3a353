using Simmer.Engine;
using Simmer.Runtime;

namespace Simmer.Operating;

/// <summary>Lists and counts jobs over the stores of this process.</summary>
internal sealed class JobLists(StoreEngines engines)
{
    public async Task<JobPage> ListAsync(JobFilter? filter, int limit, JobId? after, CancellationToken cancellationToken)
    {
        CallerContext.Leave();
        filter ??= new JobFilter();
        FilterQueries.Check(filter);
        FilterQueries.CheckLimit(limit, FilterQueries.MostAtOnce, nameof(limit));
        var query = FilterQueries.Query(filter, filter.State is { } state ? [state] : [], after, limit);
        var jobs = new List<JobRecord>();
        foreach (var engine in FilterQueries.Engines(engines, filter))
        {
            jobs.AddRange(await engine.Store.Browser.ListAsync(query, cancellationToken));
        }

        // Both stores give their newest by id; of the two pages the newer half is the page.
        jobs.Sort(static (a, b) => b.Id.CompareTo(a.Id));
        if (jobs.Count > limit)
        {
            jobs.RemoveRange(limit, jobs.Count - limit);
        }

        return new JobPage(jobs, jobs.Count == limit ? jobs[^1].Id : null);
    }

    public async Task<int> CountAsync(JobFilter filter, int upTo, CancellationToken cancellationToken)
    {
        CallerContext.Leave();
        FilterQueries.Check(filter);
        FilterQueries.CheckLimit(upTo, int.MaxValue, nameof(upTo));
        var count = 0;
        foreach (var engine in FilterQueries.Engines(engines, filter))
        {
            JobId? before = null;
            while (count < upTo)
            {
                var limit = Math.Min(upTo - count, FilterQueries.MostAtOnce);
                var query = FilterQueries.Query(filter, filter.State is { } state ? [state] : [], before, limit);
                var ids = await engine.Store.Browser.FindAsync(query, cancellationToken);
                count += ids.Count;
                if (ids.Count < limit)
                {
                    break;
                }

                before = ids[^1];
            }
        }

        return count;
    }

    public async Task<IReadOnlyList<JobCount>> CountAsync(CancellationToken cancellationToken)
    {
        CallerContext.Leave();
        var counts = new Dictionary<(string Queue, JobState State), long>();
        foreach (var engine in engines.All)
        {
            foreach (var count in await engine.Store.Browser.CountAsync(cancellationToken))
            {
                var key = (count.Queue, count.State);
                counts[key] = counts.GetValueOrDefault(key) + count.Count;
            }
        }

        return [.. counts.OrderBy(static c => c.Key.Queue, StringComparer.Ordinal).ThenBy(static c => c.Key.State)
            .Select(static c => new JobCount(c.Key.Queue, c.Key.State, c.Value))];
    }
}
