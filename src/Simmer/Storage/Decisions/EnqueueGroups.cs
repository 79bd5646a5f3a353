namespace Simmer.Storage.Decisions;

/// <summary>Which jobs are refused because they were enqueued by one call with another that is refused. One bad job never fails its
/// neighbours, but the jobs of one call are stored all or none.</summary>
/// <remarks>A set of groups is <see langword="null"/> as long as nothing is refused, which is nearly always.</remarks>
internal static class EnqueueGroups
{
    /// <summary>Whether any job came with others.</summary>
    /// <param name="requests">The enqueues of a flush.</param>
    /// <returns>Whether there is a group.</returns>
    public static bool Any(IReadOnlyList<EnqueueRequest> requests)
    {
        for (var i = 0; i < requests.Count; i++)
        {
            if (requests[i].Group > 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The groups of which the rules refuse a job (<see cref="StoreRules.WhyRefused(JobDraft)"/>): known before anything is
    /// stored.</summary>
    /// <param name="requests">The enqueues of a flush.</param>
    /// <returns>The groups; <see langword="null"/>: there are none.</returns>
    public static HashSet<int>? RefusedByRules(IReadOnlyList<EnqueueRequest> requests)
    {
        HashSet<int>? refused = null;
        for (var i = 0; i < requests.Count; i++)
        {
            if (requests[i].Group > 0 && StoreRules.WhyRefused(requests[i].Job) is not null)
            {
                Refuse(ref refused, requests[i].Group);
            }
        }

        return refused;
    }

    /// <summary>A job is refused, and with it all that came with it.</summary>
    /// <param name="refused">The refused groups so far.</param>
    /// <param name="group">The job's group; 0: it came alone.</param>
    public static void Refuse(ref HashSet<int>? refused, int group)
    {
        if (group > 0)
        {
            _ = (refused ??= []).Add(group);
        }
    }

    /// <summary>Whether a job is refused for its group.</summary>
    /// <param name="refused">The refused groups.</param>
    /// <param name="group">The job's group; 0: it came alone.</param>
    /// <returns>Whether it is.</returns>
    public static bool IsRefused(HashSet<int>? refused, int group) => group > 0 && refused is not null && refused.Contains(group);

    /// <summary>Why a job is refused before the database is asked: for its own sake, or for another of its call.</summary>
    /// <param name="request">The enqueue.</param>
    /// <param name="refused">The refused groups.</param>
    /// <returns>The message; <see langword="null"/>: it is not refused.</returns>
    public static string? WhyRefused(in EnqueueRequest request, HashSet<int>? refused) =>
        StoreRules.WhyRefused(request.Job) ?? (IsRefused(refused, request.Group) ? StoreRules.RefusedWithAnother : null);

    /// <summary>Refuses all jobs of a call if any of them is refused, because a call is stored all or none.</summary>
    /// <param name="requests">The enqueues of the call.</param>
    /// <param name="reports">The answers, of which those to the others are replaced.</param>
    /// <returns>Whether something was stored that is to be undone.</returns>
    public static bool RefuseRest(IReadOnlyList<EnqueueRequest> requests, EnqueueReport[] reports)
    {
        var refused = 0;
        foreach (var report in reports)
        {
            refused += report.Status == EnqueueStatus.Refused ? 1 : 0;
        }

        if (refused == 0 || refused == reports.Length)
        {
            return false;
        }

        for (var i = 0; i < reports.Length; i++)
        {
            if (reports[i].Status != EnqueueStatus.Refused)
            {
                reports[i] = RepeatAnswer.Refused(requests[i].Job, StoreRules.RefusedWithAnother);
            }
        }

        return true;
    }

    /// <summary>Refuses again, in the repeat of a flush, what the rules refuse, with all jobs of the same call; and if one job of a call
    /// was refused for another reason, those of the call that left no trace.</summary>
    /// <param name="requests">The enqueues of the flush.</param>
    /// <param name="reports">The answers to them (<see cref="RepeatAnswer.ToEnqueue"/>), of which these are replaced.</param>
    public static void RefuseRepeated(IReadOnlyList<EnqueueRequest> requests, EnqueueReport[] reports)
    {
        var ruled = RefusedByRules(requests);
        HashSet<int>? refused = null;
        for (var i = 0; i < reports.Length; i++)
        {
            if (reports[i].Status == EnqueueStatus.Refused)
            {
                Refuse(ref refused, requests[i].Group);
            }
        }

        for (var i = 0; i < reports.Length; i++)
        {
            var isUntraced = reports[i] is { Status: EnqueueStatus.Stored, State: JobState.Unknown };
            var why = WhyRefused(requests[i], ruled)
                ?? (isUntraced && IsRefused(refused, requests[i].Group) ? StoreRules.RefusedWithAnother : null);
            if (why is not null)
            {
                reports[i] = RepeatAnswer.Refused(requests[i].Job, why);
            }
        }
    }
}
