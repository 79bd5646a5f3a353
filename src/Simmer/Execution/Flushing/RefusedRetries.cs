using System.Numerics;
using Simmer.Context;
using Simmer.Diagnostics;
using Simmer.Execution.Intake;
using Simmer.Storage;

namespace Simmer.Execution.Flushing;

/// <summary>Sends the ends of runs again that the store refused, ever more seldom.</summary>
/// <param name="context">What the engine's parts share.</param>
/// <param name="storeName">The store, for the log.</param>
/// <param name="main">What waits for the flushes of everybody: a refused end goes with them, wherever it was refused.</param>
internal sealed class RefusedRetries(EngineContext context, string storeName, FlushIntake main)
{
    /// <summary>Keeps what was refused of a batch, and forgets what was taken at last.</summary>
    public void Update(FlushBatch batch, FlushReport report)
    {
        if (main.UpdateRefused(batch, report) is { } kept)
        {
            kept.ForEach(SendLater);
        }
    }

    /// <summary>Keeps an end that does not reach the store even alone: those behind it must not wait for it.</summary>
    public void Keep(Settlement settlement, StoreException error) => SendLater(main.KeepRefused(settlement, error));

    private void SendLater(RefusedEnd end)
    {
        var rest = FlushBackOff.Refusal.After(end.Times - 1, context.Random());
        if (BitOperations.IsPow2(end.Times))
        {
            context.Logger.EndRefused(end.Refusal.Error, storeName, end.Token.Id, end.Token.Run,
                end.Settlement?.State.ToString() ?? "given back", end.Times, rest);
        }

        _ = SendAgainAsync(end, rest);
    }

    private async Task SendAgainAsync(RefusedEnd end, TimeSpan rest)
    {
        await Task.Delay(rest, context.Time);
        main.SendAgain(end);
    }
}
