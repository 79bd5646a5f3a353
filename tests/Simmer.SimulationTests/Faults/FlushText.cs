using System.Text;
using Simmer.Storage;

namespace Simmer.SimulationTests.Faults;

/// <summary>A flush in few words, for the trace.</summary>
internal static class FlushText
{
    public static string Of(JobId id) => WorkflowId.NumberOf(id) is > 0 and var step ? $"#{Number(id)}.{step}" : $"#{Number(id)}";

    public static string Of(LeaseToken token) => $"{Of(token.Id)}/{token.Run}";

    public static string Of(WorkflowId id) => $"#{Number(new JobId(id.Value))}";

    public static string Of(Flush flush, FlushReport report)
    {
        var text = new StringBuilder();
        if (report.WorkerGone || report.WasRepeat)
        {
            text.Append(report.WorkerGone ? "GONE " : null).Append(report.WasRepeat ? "REPEAT " : null);
        }

        for (var i = 0; i < flush.Settlements.Count; i++)
        {
            text.Append($"settle {Of(flush.Settlements[i].Token)} "
                + $"{flush.Settlements[i].State}{(report.Settlements[i].Settled ? $"→{report.Settlements[i].State}" : " LOST")}; ");
        }

        for (var i = 0; i < flush.GiveBacks.Count; i++)
        {
            text.Append($"give back {Of(flush.GiveBacks[i])}{(report.GiveBacks[i] ? null : " LOST")}; ");
        }

        for (var i = 0; i < flush.Enqueues.Count; i++)
        {
            text.Append($"enqueue {Of(flush.Enqueues[i].Job.Id)} {report.Enqueues[i].Status}; ");
        }

        for (var i = 0; i < flush.Workflows.Count; i++)
        {
            text.Append($"workflow {Of(flush.Workflows[i].Id)} of {flush.Workflows[i].Steps.Count} {report.Workflows[i].Status}; ");
        }

        foreach (var step in report.Released.Steps)
        {
            text.Append($"decided {Of(step)}; ");
        }

        foreach (var claim in report.Claims)
        {
            text.Append($"claim {Of(claim.Token)}{(claim.Suspect ? $" suspect {claim.Suspicion}" : null)}; ");
        }

        return text.ToString();
    }

    private static int Number(JobId id) => BitConverter.ToInt32(id.Value.ToByteArray(), 0);
}
