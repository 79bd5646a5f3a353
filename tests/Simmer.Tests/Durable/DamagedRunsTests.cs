using Microsoft.Data.Sqlite;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Durable;

/// <summary>Rows that are damaged while this process owns their jobs.</summary>
public sealed class DamagedRunsTests : SqliteFolder
{
    private const int SetAside = 1033;

    private readonly Signal _started = new();
    private readonly Signal _goOn = new();
    private ShakySqlite _store = null!;

    [Fact]
    [Trait("Rule", "5")]
    public async Task A_job_whose_row_is_damaged_while_its_handler_runs_ends_as_the_handler_says()
    {
        await using var host = await StartShakyAsync();
        var ada = await host.Jobs.EnqueueAsync(new Greet("Ada"), cancellationToken: Cancelled);
        await _started.WaitAsync();
        await host.Node.Durable!.Flusher.WhenIdle();
        await DamageAsync();
        var asked = new Signal();
        _store.BeforeOwnedAnswers.Enqueue(() =>
        {
            asked.Set();
            return Task.CompletedTask;
        });

        // After a lost answer the process asks what it owns.
        _store.LoseNextAnswer();
        var bob = await host.Jobs.EnqueueAsync(new Greet("Bob"), cancellationToken: Cancelled);
        await asked.WaitAsync();
        await bob.WaitAsync(Cancelled);
        await host.Node.Durable.Flusher.WhenIdle();
        (await ada.GetAsync(Cancelled))!.State.ShouldBe(JobState.Running);
        _goOn.Set();
        var end = (await host.Jobs.WaitAsync(ada.Id, Cancelled))!;

        (end.State, end.Run, end.Errors.Count).ShouldBe((JobState.Succeeded, 1, 0));
        host.Log.Lines.Count(static l => l.EventId == 1010).ShouldBe(2, "each was started once");
    }

    [Fact]
    [Trait("Rule", "5")]
    public async Task A_job_that_came_with_a_lost_answer_and_cannot_be_read_is_set_aside_with_the_reason()
    {
        await using var host = await StartShakyAsync();

        // The answer that is lost is that of the next enqueue: all that a start asks for has come.
        await (await host.Jobs.EnqueueAsync(new Greet("Eve"), cancellationToken: Cancelled)).WaitAsync(Cancelled);
        await host.Node.Durable!.Flusher.WhenIdle();
        _store.LoseNextAnswer(_ => DamageAsync());

        var bob = await host.Jobs.EnqueueAsync(new Greet("Bob"), cancellationToken: Cancelled);
        await Until.True(() => host.Log.Lines.Any(static l => l.EventId == SetAside), "it is set aside");

        var job = (await bob.GetAsync(Cancelled))!;
        (job.State, job.Attempt).ShouldBe((JobState.Scheduled, 0));
        job.Errors[^1].ShouldSatisfyAllConditions(e => e.Type.ShouldBe(ErrorTypes.Unreadable), e => e.Message.ShouldContain("tags"));
    }

    private Task<EngineHost> StartShakyAsync() => StartAsync(s =>
    {
        var (name, create) = s.Setup.Stores[0];
        s.Setup.Stores[0] = (name, services => _store = new ShakySqlite(create(services)));
        s.AddJob(async (Greet job, CancellationToken token) =>
        {
            if (job.Name == "Ada")
            {
                _started.Set();
                await _goOn.WaitAsync(token);
            }
        });
    });

    private async Task DamageAsync()
    {
        await using var connection = new SqliteConnection(ConnectionString);
        await connection.OpenAsync(Cancelled);
        await using var command = connection.CreateCommand();
        command.CommandText = "UPDATE simmer_job SET tags = 'urgent'";
        (await command.ExecuteNonQueryAsync(Cancelled)).ShouldBe(1);
    }
}
