using Microsoft.Data.Sqlite;

namespace Simmer.CrashTests.Worker;

/// <summary>Adds its row and completes its job in one transaction.</summary>
internal sealed class ExactHandler(Effects effects, KillSwitch kill, WorkerLife life) : IJobHandler<Exact>
{
    public async Task HandleAsync(Exact job, JobContext context, CancellationToken cancellationToken)
    {
        var effect = effects.Started(context);
        try
        {
            await RunAsync(job, context, effect);
        }
        catch (LeaseLostException)
        {
            effect.Stopped();
            throw;
        }
    }

    private async Task RunAsync(Exact job, JobContext context, Effect effect)
    {
        await using var connection = new SqliteConnection(WorkerLife.Jobs(life.Folder));
        await connection.OpenAsync(CancellationToken.None);
        await using var transaction = connection.BeginTransaction();
        Execute(transaction, "CREATE TABLE IF NOT EXISTS exact(job TEXT NOT NULL, run INTEGER NOT NULL)");
        Execute(transaction, $"INSERT INTO exact VALUES('{context.Id}', {effect.Run})");
        await context.CompleteWithinAsync(transaction, CancellationToken.None);
        if (context.Attempt <= job.RollsBack)
        {
            effect.Threw();
            return;
        }

        // Recorded before the commit: a process that is killed during the commit must have recorded that this run did the work, in case the
        // commit happened.
        effect.Done();
        kill.Before("complete");
        transaction.Commit();
        kill.After("complete");
    }

    private static void Execute(SqliteTransaction transaction, string text)
    {
        using var command = transaction.Connection!.CreateCommand();
        (command.CommandText, command.Transaction) = (text, transaction);
        _ = command.ExecuteNonQuery();
    }
}
