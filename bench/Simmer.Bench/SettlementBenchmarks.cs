using BenchmarkDotNet.Attributes;
using Simmer.Execution;
using Simmer.Storage;

namespace Simmer.Bench;

/// <summary>Deciding what follows an attempt.</summary>
public class SettlementBenchmarks
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly SettlementRules s_rules =
        new(RetryPolicy.Default, HasResult: false, TimeSpan.FromMinutes(30), TimeSpan.FromDays(1), TimeSpan.FromDays(14));

    private JobClaim _claim = null!;
    private JobOutcome _outcome;

    /// <summary>How the attempt ended.</summary>
    public enum End
    {
        Success,
        Snooze,
        Exception,
    }

    [ParamsAllValues]
    public End After { get; set; }

    [GlobalSetup]
    public void Start()
    {
        using var engine = new BenchEngine<NoteHandler>();
        _claim = engine.Claim();
        _outcome = After switch
        {
            End.Success => JobOutcome.Returned(JobVerdict.Success, null, null),
            End.Snooze => JobOutcome.Returned(JobVerdict.Snooze(TimeSpan.FromMinutes(1)), null, null),
            _ => JobOutcome.Threw(Thrown()),
        };
    }

    [Benchmark]
    public object Plan() => SettlementPlan.For(_claim, _outcome, s_rules, s_now, chance: 0.5);

    // With a stack trace, as a handler's exception has it.
    private static InvalidOperationException Thrown()
    {
        try
        {
            throw new InvalidOperationException("The mail server did not answer.");
        }
        catch (InvalidOperationException e)
        {
            return e;
        }
    }
}
