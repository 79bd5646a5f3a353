using Microsoft.Extensions.Logging;
using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Sqlite;

/// <summary>Settles jobs.</summary>
/// <param name="logger">Takes what is worth saying.</param>
internal sealed class SettleJobs(ILogger logger)
{
    /// <summary>Settles the jobs of a flush.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="settlements">The settlements.</param>
    /// <param name="worker">The worker that ran the jobs.</param>
    /// <param name="now">The present time.</param>
    /// <param name="refusals">Takes what the database refuses, each job behind a savepoint of its own; null: none is expected.</param>
    public SettleReport[] Settle(SqliteSession session, IReadOnlyList<Settlement> settlements, long worker, DateTimeOffset now,
        List<Refusal>? refusals)
    {
        if (settlements.Count == 0)
        {
            return [];
        }

        var reports = new SettleReport[settlements.Count];
        for (var i = 0; i < reports.Length; i++)
        {
            reports[i] = refusals is not null
                ? SettleCarefully(session, settlements[i], worker, now, refusals)
                : Settle(session, settlements[i], worker, now);
        }

        return reports;
    }

    /// <summary>Settles one job.</summary>
    public static SettleReport Settle(SqliteSession session, Settlement settlement, long worker, DateTimeOffset now)
    {
        if (!SettleDecision.NeedsRow(settlement) && RunEnd.TryEnd(session, settlement, worker, now))
        {
            return new SettleReport(true, settlement.State);
        }

        if (RunEnd.Find(session, settlement.Token, worker) is not { } held)
        {
            return new SettleReport(false, JobLookup.StateOf(session, settlement.Token.Id));
        }

        var step = settlement.Step ?? held.Step;
        var added = step is not null && SettleDecision.AddsSteps(settlement, isStep: true)
            ? StepAdding.Add(session, settlement, step, now)
            : default;
        var outcome = SettleDecision.For(settlement, held.Row with { IsStep = step is not null }, added);
        RunEnd.Write(session, held, outcome, settlement.Error, now, settlement, added);
        return new SettleReport(true, outcome.State);
    }

    /// <summary>Settles a job behind a savepoint: the way for a flush in which the database refused a row that it should have taken. Where
    /// it refuses this one, the job is settled without the texts that are there for people: the outcome must not be lost for a text. What
    /// is refused even so is kept by the engine.</summary>
    private SettleReport SettleCarefully(SqliteSession session, Settlement settlement, long worker, DateTimeOffset now,
        List<Refusal> refusals)
    {
        var token = settlement.Token;
        SettleReport report = default;
        if (session.Try(("end", token), () => SettleAndFollow(settlement)) is not { } refused)
        {
            return report;
        }

        for (var marks = 1; marks <= 2; marks++)
        {
            if (settlement.WithMarks(all: marks == 2) is { } marked
                && session.Try((marks, token), () => SettleAndFollow(marked)) is null)
            {
                Log.TextRefused(logger, refused, token.Id, token.Run);
                return report;
            }
        }

        Log.SettlementRefused(logger, refused, token.Id, token.Run);
        refusals.Add(new Refusal(token, StoreFaults.Refusal(refused, $"the end of job {token.Id}")));
        return new SettleReport(false, JobState.Running);

        void SettleAndFollow(Settlement one)
        {
            report = Settle(session, one, worker, now);
            WorkflowFollow.Follow(session, now);
        }
    }
}
