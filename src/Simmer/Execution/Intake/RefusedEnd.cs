using Simmer.Storage;

namespace Simmer.Execution.Intake;

/// <summary>The end of a run, or a give-back, that the store refused, and that is sent again.</summary>
/// <param name="settlement">How the run ended; null: the job goes back.</param>
/// <param name="refusal">Why the store refused it.</param>
/// <param name="times">How often it has been refused.</param>
internal sealed class RefusedEnd(Settlement? settlement, Refusal refusal, int times)
{
    public Settlement? Settlement => settlement;

    public Refusal Refusal => refusal;

    public LeaseToken Token => refusal.Token;

    public int Times => times;

    /// <summary>Whether it still waits for its next try; if not, it is on its way to the store.</summary>
    public bool Rests { get; set; } = true;
}
