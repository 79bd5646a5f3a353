using Microsoft.Data.Sqlite;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Durable;

public sealed class WithinTests : SqliteFolder
{
    [Fact]
    public async Task A_job_exists_if_and_only_if_the_callers_transaction_commits()
    {
        await using var host = await StartAsync(static s => s.AddJob(static (Greet _, CancellationToken _) => Task.CompletedTask));
        await using var connection = new SqliteConnection(ConnectionString);
        await connection.OpenAsync(Cancelled);
        JobHandle kept;
        await using (var transaction = connection.BeginTransaction())
        {
            kept = await host.Jobs.Within(transaction).EnqueueAsync(new Greet("kept"), cancellationToken: Cancelled);
            (await host.Jobs.GetAsync(kept.Id, Cancelled)).ShouldBeNull("it is not committed yet");
            await transaction.CommitAsync(Cancelled);
        }

        JobHandle gone;
        await using (var transaction = connection.BeginTransaction())
        {
            gone = await host.Jobs.Within(transaction).EnqueueAsync(new Greet("gone"), cancellationToken: Cancelled);
            await transaction.RollbackAsync(Cancelled);
        }

        await kept.WaitAsync(Cancelled);
        (await host.Jobs.GetAsync(gone.Id, Cancelled)).ShouldBeNull();
    }

    [Fact]
    public async Task A_transaction_on_another_file_is_refused_with_the_reason()
    {
        await using var host = await StartClientAsync(static s => s.AddJob<Greet>());
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(Folder, "other.db")};Pooling=False");
        await connection.OpenAsync(Cancelled);
        await using var transaction = connection.BeginTransaction();

        var error = Should.Throw<InvalidOperationException>(() => host.Jobs.Within(transaction));

        error.Message.ShouldContain("other.db");
    }

    [Fact]
    public async Task An_in_memory_queue_cannot_be_part_of_a_transaction()
    {
        await using var host = await StartClientAsync(static s => s.AddJob<Greet>()
            .AddQueue("fast", static q => q.Durability = Durability.InMemory));
        await using var connection = new SqliteConnection(ConnectionString);
        await connection.OpenAsync(Cancelled);
        await using var transaction = connection.BeginTransaction();

        var error = await Should.ThrowAsync<InvalidOperationException>(() =>
            host.Jobs.Within(transaction).EnqueueAsync(new Greet("Ada"), new EnqueueOptions { Queue = "fast" }, Cancelled));

        error.Message.ShouldContain("in memory");
    }
}
