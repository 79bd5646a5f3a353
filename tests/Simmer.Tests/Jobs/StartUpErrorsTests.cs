using Microsoft.Extensions.DependencyInjection;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Jobs;

/// <summary>What is wrong with the set-up is told at start, all at once, with the way out.</summary>
public sealed class StartUpErrorsTests
{
    [Fact]
    public async Task Everything_is_told_at_once()
    {
        var refused = await EngineHost.RefusedAsync(static s => s
            .AddQueue("mail", static q => q.Concurrency = 0)
            .AddJob((Plain _, One _, CancellationToken _) => Task.CompletedTask)
            .AddJob<Priced, NoResult>()
            .AddJob<WithStream>()
            .AddJob<RenamedSince>(static o => o.Queue = "mial"));

        refused.Problems.Count.ShouldBe(5);
        foreach (var problem in refused.Problems)
        {
            refused.Message.ShouldContain(problem);
        }
    }

    [Fact]
    public Task Two_jobs_of_one_kind() => Says(
        "Jobs Plain and HTMLReport share the kind 'plain'; name one of them with [Job(\"...\")].", static s =>
            s.AddJob<Plain>().AddJob<HTMLReport>(static o => o.Kind = "plain"));

    [Fact]
    public Task A_job_registered_twice() => Says("Job Plain is registered twice", static s => s.AddJob<Plain>().AddJob<Plain>());

    [Fact]
    public Task An_upcaster_that_leads_nowhere() => Says(
        "The upcaster from RenamedSince leads to Plain, and from there to no registered job: call AddJob<Plain, ...>().", static s =>
            s.AddUpcaster((RenamedSince _) => new Plain("x")));

    [Fact]
    public async Task Upcasters_that_lead_round()
    {
        var refused = await EngineHost
            .RefusedAsync(static s => s.AddUpcaster((RenamedSince _) => new Plain("x")).AddUpcaster((Plain _) => new RenamedSince()));

        refused.Problems.ShouldBe([
            "The upcaster from RenamedSince leads to Plain, and from there to no registered job: call AddJob<Plain, ...>().",
            "The upcaster from Plain leads to RenamedSince, and from there to no registered job: call AddJob<RenamedSince, ...>().",
        ]);
    }

    [Fact]
    public Task An_older_shape_that_is_registered_as_well() => Says(
        "Job RenamedSince has an upcaster to Plain, and is registered as well", static s =>
            s.AddJob<Plain>().AddJob<RenamedSince>().AddUpcaster((RenamedSince _) => new Plain("x")));

    [Fact]
    public Task An_upcaster_to_another_result() => Says(
        "Job 'plain' (Plain) gives no result, and 'priced' (Priced), which it becomes, gives a Price: whoever waits for it needs the same.",
            static s => s.AddJob<Priced>().AddUpcaster((Plain _) => new Priced(1)));

    [Fact]
    public Task An_older_shape_under_the_newers_kind() => Says(
        "Jobs Plain and HTMLReport share the kind 'html-report'", static s =>
            s.AddJob<Plain>(static o => o.Kind = "html-report").AddUpcaster((HTMLReport _) => new Plain("x")));

    [Fact]
    public Task A_service_that_a_delegate_asks_for_and_nobody_registered() => Says(
        "The delegate for job 'plain' asks for a One, which is neither a registered service nor JobContext", static s =>
            s.AddJob((Plain _, One _, CancellationToken _) => Task.CompletedTask));

    [Fact]
    public async Task A_parameter_that_is_both_a_service_and_a_result()
    {
        var refused = await EngineHost.RefusedAsync(
            static s => s.AddJob<Priced>().AddJob(static (Plain _, Price _, CancellationToken _) => Task.CompletedTask),
            static b => b.Services.AddSingleton(new Price(1)));

        refused.Problems.ShouldHaveSingleItem().ShouldBe(
            "The delegate for job 'plain' asks for a Price, which is both a result of a job and a registered service. Give the result a "
                + "type of its own, or take it from the context: await context.ResultAsync<Price>().");
    }

    [Fact]
    public async Task A_parameter_that_is_both_a_service_and_a_list_of_results()
    {
        var refused = await EngineHost.RefusedAsync(
            static s => s.AddJob<Priced>().AddJob(static (Plain _, IReadOnlyList<Price> _, CancellationToken _) => Task.CompletedTask),
            static b => b.Services.AddSingleton<IReadOnlyList<Price>>([new Price(1)]));

        refused.Problems.ShouldHaveSingleItem().ShouldBe(
            "The delegate for job 'plain' asks for an IReadOnlyList<Price>, which is both a result of a job and a registered service. "
                + "Give the list a type of its own, or take the results from the context: await context.ResultsAsync<Price>().");
    }

    [Fact]
    public Task A_parameter_that_is_neither_a_service_nor_a_result() => Says(
        "The delegate for job 'plain' asks for a Price, which is neither a registered service nor JobContext nor the result of a "
            + "registered job: register it with the application's services, or the job that gives it with AddJob.",
        static s => s.AddJob(static (Plain _, Price _, CancellationToken _) => Task.CompletedTask));

    [Fact]
    public Task A_list_of_what_no_job_gives() => Says(
        "asks for an IReadOnlyList<Price>, which is neither", static s =>
            s.AddJob(static (Plain _, IReadOnlyList<Price> _, CancellationToken _) => Task.CompletedTask));

    [Fact]
    public Task A_service_that_a_handler_asks_for_and_nobody_registered() => Says(
        "Handler Needy of job 'plain' asks for a One and a Two, which are not registered", static s => s.AddJob<Plain, Needy>());

    [Fact]
    public Task A_handler_without_the_promised_result() =>
        Says("Handler NoResult gives no result, but job 'priced' (Priced) promises a Price", static s => s.AddJob<Priced, NoResult>());

    [Fact]
    public Task A_delegate_without_the_promised_result() => Says(
        "The delegate for job 'priced' gives no result, but the job promises a Price", static s =>
            s.AddJob((Priced _, CancellationToken _) => Task.CompletedTask));

    [Fact]
    public Task A_delegate_with_a_verdict_only() => Says(
        "The delegate for job 'priced' gives only a verdict", static s =>
            s.AddJob((Priced _, CancellationToken _) => Task.FromResult(JobVerdict.Fail("x"))));

    [Fact]
    public Task A_record_with_a_delegate() => Says("WithDelegate.Then is an Action", static s => s.AddJob<WithDelegate>());

    [Fact]
    public Task A_record_with_a_stream() => Says("WithStream.Content is a Stream", static s => s.AddJob<WithStream>());

    [Fact]
    public Task A_record_with_an_interface() => Says("WithInterface.Service is an IServiceThing", static s => s.AddJob<WithInterface>());

    [Fact]
    public Task A_result_that_cannot_be_stored() => Says("The result of job 'gives-stream'", static s => s.AddJob<GivesStream>());

    [Fact]
    public Task A_queue_that_nobody_declared() => Says(
        "Job 'plain' goes to queue 'mial', which is not declared; did you mean 'mail'? Declare it with AddQueue(\"mial\").",
        static s => s.AddQueue("mail").AddJob<Plain>(static o => o.Queue = "mial"));

    [Fact]
    public Task Two_stores() =>
        Says("Two stores are configured (a and b)",
            static s => s.UseStore("a", static _ => new ShakyStore()).UseStore("b", static _ => new ShakyStore()));

    [Fact]
    public Task A_durable_queue_without_a_database() => Says(
        "Queue 'mail' is to be durable, but no database is configured", static s =>
            s.AddQueue("mail", static q => q.Durability = Durability.Durable));

    [Fact]
    public Task A_durable_queue_for_delegates() => Says(
        "cannot be durable", static s =>
            s.UseStore("a", static _ => new ShakyStore()).AddQueue("after-response", static q => q.Durability = Durability.Durable));

    [Fact]
    public Task A_queue_name_with_a_blank() => Says("'two words' is not a queue name", static s => s.AddQueue("two words"));

    [Fact]
    public Task A_worker_for_a_queue_that_nobody_declared() => Says(
        "The worker is to work on queue 'mial', which is not declared; did you mean 'mail'?", static s =>
            s.AddQueue("mail").Configure(static o => o.Worker.Queues = ["mial"]));

    [Fact]
    public Task A_kind_of_the_engines_own() =>
        Says("begins with 'simmer.'", static s => s.AddJob<Plain>(static o => o.Kind = "simmer.plain"));

    [Fact]
    public Task A_kind_with_a_blank() =>
        Says("The kind 'two words' of Plain is not a name", static s => s.AddJob<Plain>(static o => o.Kind = "two words"));

    public static TheoryData<string, Action<SimmerOptions>> BadNumbers => new()
    {
        { "Lease is 00:00:01; it takes at least 00:00:03.", static o => o.Lease = TimeSpan.FromSeconds(1) },
        { "PollInterval is", static o => o.PollInterval = TimeSpan.Zero },
        { "DefaultMaxAttempts is 0; it takes at least 1.", static o => o.DefaultMaxAttempts = 0 },
        { "DefaultTimeLimit is", static o => o.DefaultTimeLimit = TimeSpan.FromSeconds(-1) },
        { "MaxPayloadBytes is 0", static o => o.MaxPayloadBytes = 0 },
        { "Concurrency of queue 'default' is -1", static o => o.Queues["default"].Concurrency = -1 },
        { "Capacity of queue 'default' is 0", static o => o.Queues["default"].Capacity = 0 },
        { "KeepFailed of queue 'default' is", static o => o.Queues["default"].KeepFailed = TimeSpan.FromDays(-1) },
    };

    [Theory]
    [MemberData(nameof(BadNumbers))]
    public Task Bad_numbers(string message, Action<SimmerOptions> set) => Says(message, s => s.Configure(set));

    public static TheoryData<string, Action<JobOptions>> BadJobs => new()
    {
        { "has MaxAttempts = 0; it takes at least 1.", static o => o.MaxAttempts = 0 },
        { "has the time limit", static o => o.TimeLimit = TimeSpan.Zero },
        { "has the priority 5,000; it takes -1,000 to 1,000.", static o => o.Priority = 5_000 },
        { "has BaseDelay -00:00:01", static o => o.Retry = new RetryPolicy { BaseDelay = TimeSpan.FromSeconds(-1) } },
        { "has the factor NaN", static o => o.Retry = new RetryPolicy { Factor = double.NaN } },
        { "has no retry policy", static o => o.Retry = null! },
    };

    [Theory]
    [MemberData(nameof(BadJobs))]
    public Task Bad_job_options(string message, Action<JobOptions> set) => Says(message, s => s.AddJob<Plain>(set));

    private static async Task Says(string message, Action<SimmerBuilder> configure)
    {
        var refused = await EngineHost.RefusedAsync(configure);
        refused.Problems.Count.ShouldBe(1, refused.Message);
        refused.Problems[0].ShouldContain(message);
    }

    public interface IServiceThing;

    public sealed record WithDelegate(Action Then) : IJob;

    public sealed record WithStream(Stream Content) : IJob;

    public sealed record WithInterface(IServiceThing Service) : IJob;

    public sealed record GivesStream : IJob<Stream>;

    public sealed class NoResult : IJobHandler<Priced>
    {
        public Task HandleAsync(Priced job, JobContext context, CancellationToken cancellationToken) => Task.CompletedTask;
    }

    public sealed class Needy(One one, Two two) : IJobHandler<Plain>
    {
        public Task HandleAsync(Plain job, JobContext context, CancellationToken cancellationToken) => Task.FromResult((one, two));
    }
}
