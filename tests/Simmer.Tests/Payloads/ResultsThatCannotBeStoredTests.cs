using System.Text.Json;
using System.Text.Json.Serialization;
using Simmer.Tests.Durable;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Payloads;

public sealed record Give(string What) : IJob<Given>;

public sealed record Given(string Text, double Number = 0, Circle? Circle = null, Thrower? Thrower = null, Vehicle? Vehicle = null);

public sealed class Circle
{
    public Circle? Next { get; set; }
}

[JsonConverter(typeof(ThrowingConverter))]
public sealed record Thrower;

public sealed class ThrowingConverter : JsonConverter<Thrower>
{
    public override Thrower Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new();

    public override void Write(Utf8JsonWriter writer, Thrower value, JsonSerializerOptions options) =>
        throw new FormatException("this converter throws");
}

public sealed record After : IJob;

/// <summary>A result that can never be stored ends its job at once, whatever the store: another attempt would do everything again and give
/// the same.</summary>
public abstract class ResultsThatCannotBeStoredTests<TDatabase> : DurableTest<TDatabase>
    where TDatabase : IJobDatabase, new()
{
    private int _attempts;

    [Theory]
    [InlineData("large", "at most 1,000 are allowed (MaxResultBytes)")]
    [InlineData("NaN", "")]
    [InlineData("infinity", "")]
    [InlineData("circle", "cycle")]
    [InlineData("throws", "this converter throws")]
    [InlineData("null", "")]
    [InlineData("derived", "A Car stands where a Vehicle is declared")]
    public async Task It_fails_at_once_with_the_reason(string what, string says)
    {
        await using var host = await StartAsync(s => Declare(s));

        var handle = await host.Jobs.EnqueueAsync(new Give(what), cancellationToken: Cancelled);

        var error = await Should.ThrowAsync<JobFailedException>(handle.WaitAsync(Cancelled));
        error.Message.ShouldContain("its result cannot be stored");
        (error.Job!.State, error.Job.Attempt, _attempts).ShouldBe((JobState.Failed, 1, 1));
        error.Job.Errors.ShouldHaveSingleItem().Type.ShouldBe(ErrorTypes.Result);
        error.Job.Errors[0].Message.ShouldContain("The result cannot be stored: ");
        error.Job.Errors[0].Message.ShouldContain(says);
    }

    [Fact]
    public async Task A_step_fails_at_once_and_those_after_it_are_skipped()
    {
        await using var host = await StartAsync(s => Declare(s).AddJob(static (After _, CancellationToken _) => Task.CompletedTask));

        var flow = await host.Jobs.EnqueueAsync(Chain.Of(new Give("NaN")).Then(new After()), cancellationToken: Cancelled);

        _ = await Should.ThrowAsync<WorkflowFailedException>(flow.WaitAsync(Cancelled));
        _attempts.ShouldBe(1);
        (await host.Jobs.GetAsync(flow.Id.Step(2), Cancelled))!.State.ShouldBe(JobState.Skipped);
    }

    private protected SimmerBuilder Declare(SimmerBuilder simmer) =>
        simmer.Configure(static o => o.MaxResultBytes = 1_000).AddJob((Give job, CancellationToken cancellationToken) =>
    {
        _ = Interlocked.Increment(ref _attempts);
        return Task.FromResult(Of(job.What));
    }, static o => o.Retry = RetryPolicy.Immediate);

    private protected static Given Of(string what)
    {
        var circle = new Circle();
        circle.Next = circle;
        return what switch
        {
            "large" => new Given(new string('x', 1_001)),
            "NaN" => new Given("", double.NaN),
            "infinity" => new Given("", double.NegativeInfinity),
            "circle" => new Given("", Circle: circle),
            "throws" => new Given("", Thrower: new Thrower()),
            "derived" => new Given("", Vehicle: new Car(4, "M-AB 1")),
            _ => new Given(null!),
        };
    }
}

public sealed class ResultsThatCannotBeStoredInMemory : ResultsThatCannotBeStoredTests<MemoryJobs>;

public sealed class ResultsThatCannotBeStoredOnSqlite : ResultsThatCannotBeStoredTests<SqliteJobs>
{
    [Fact]
    public Task One_that_is_given_with_the_handlers_own_transaction_fails_the_job_at_once_and_its_effect_is_rolled_back() =>
        CompletingWithin.FailsAtOnceAsync(Database);
}

public sealed class ResultsThatCannotBeStoredOnPostgres : ResultsThatCannotBeStoredTests<PostgresJobs>
{
    [Fact]
    public Task One_that_is_given_with_the_handlers_own_transaction_fails_the_job_at_once_and_its_effect_is_rolled_back() =>
        CompletingWithin.FailsAtOnceAsync(Database);
}

internal static class CompletingWithin
{
    public static async Task FailsAtOnceAsync(IJobDatabase database)
    {
        var own = new OwnTable(database);
        var attempts = 0;
        await using var host = await EngineHost
            .StartAsync(s => database.Use(s).AddJob(async (TakePayment job, JobContext context, CancellationToken cancellationToken) =>
        {
            attempts++;
            await context.CompleteWithinAsync(own.Add(context, "x"), new Receipt(null!), cancellationToken);
            return new Receipt("never");
        }, static o => o.Retry = RetryPolicy.Immediate));

        var handle = await host.Jobs.EnqueueAsync(new TakePayment(1), cancellationToken: TestContext.Current.CancellationToken);

        var error = await Should.ThrowAsync<JobFailedException>(handle.WaitAsync(TestContext.Current.CancellationToken));
        (error.Job!.State, attempts).ShouldBe((JobState.Failed, 1));
        error.Job.Errors.ShouldHaveSingleItem().Type.ShouldBe(ErrorTypes.Result);
        own.Rows.ShouldBeEmpty();
    }
}
