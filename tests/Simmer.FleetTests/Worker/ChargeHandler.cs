using Npgsql;
using Simmer.CrashTests.Worker;

namespace Simmer.FleetTests.Worker;

/// <summary>Charges, on a connection of the application.</summary>
internal sealed class ChargeHandler(NpgsqlDataSource database, Effects effects, WorkerLife life)
{
    public async Task<Receipt> RunAsync(Charge job, JobContext context, CancellationToken cancellationToken)
    {
        var effect = effects.Started(context);
        try
        {
            return await ChargeAsync(job, context, effect, job.IsDeaf ? CancellationToken.None : cancellationToken);
        }
        catch (Exception e) when (e is OperationCanceledException or LeaseLostException)
        {
            effect.Stopped();
            throw;
        }
        catch
        {
            // If the answer to the commit was lost, the store is asked afterwards whether it has charged.
            effect.Threw();
            throw;
        }
    }

    private async Task<Receipt> ChargeAsync(Charge job, JobContext context, Effect effect, CancellationToken cancellationToken)
    {
        var receipt = new Receipt(context.Id.Value, effect.Run);
        await LingerAsync(Lingers.BeforeTransaction);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var insert = new NpgsqlCommand("INSERT INTO charge(job, run, life) VALUES($1, $2, $3)", connection, transaction)
        {
            Parameters = { new() { Value = receipt.Job }, new() { Value = receipt.Run }, new() { Value = life.Life } },
        };
        await insert.ExecuteNonQueryAsync(cancellationToken);
        await LingerAsync(Lingers.BeforeCompletion);
        await context.CompleteWithinAsync(transaction, receipt, cancellationToken);
        await LingerAsync(Lingers.BeforeCommit);

        // Recorded before the commit, because the steps that wait for this job start with it.
        effect.Done();
        await transaction.CommitAsync(CancellationToken.None);
        return receipt;

        // Only the first run takes long; a repeat is quick.
        Task LingerAsync(Lingers where) =>
            where == job.Lingers && (effect.Run == 1 || !job.IsDeaf) ? Task.Delay(job.Milliseconds, cancellationToken) : Task.CompletedTask;
    }
}
