using Microsoft.Extensions.DependencyInjection;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Jobs;

public sealed class HandlerClassTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_attempt_has_its_own_handler_and_scope_and_both_are_released()
    {
        var book = new Book();
        await using var host = await EngineHost
            .StartAsync(s => s.AddJob<Plain, Scribe>(), b => b.Services.AddSingleton(book).AddScoped<Pen>());

        await (await host.Jobs.EnqueueAsync(new Plain("a"), cancellationToken: Cancelled)).WaitAsync(Cancelled);
        await (await host.Jobs.EnqueueAsync(new Plain("b"), cancellationToken: Cancelled)).WaitAsync(Cancelled);

        book.Lines.ShouldBe(["write a", "scribe released", "pen released", "write b", "scribe released", "pen released"]);
        book.Pens.Distinct().Count().ShouldBe(2);
    }

    [Fact]
    public async Task A_handler_registered_by_the_user_is_made_and_released_by_its_scope()
    {
        var book = new Book();
        await using var host = await EngineHost
            .StartAsync(s => s.AddJob<Plain, Scribe>(), b => b.Services.AddSingleton(book).AddScoped<Pen>().AddScoped<Scribe>());

        await (await host.Jobs.EnqueueAsync(new Plain("a"), cancellationToken: Cancelled)).WaitAsync(Cancelled);

        book.Lines.ShouldBe(["write a", "scribe released", "pen released"]);
    }

    [Fact]
    public async Task A_handler_gives_a_result()
    {
        await using var host = await EngineHost.StartAsync(s => s.AddJob<Priced, Pricer>());

        (await (await host.Jobs.EnqueueAsync(new Priced(3), cancellationToken: Cancelled)).WaitAsync(Cancelled)).Cents.ShouldBe(3);
    }

    [Fact]
    public async Task A_handler_gives_a_verdict()
    {
        await using var host = await EngineHost.StartAsync(s => s.AddJob<Plain, Refuser>());

        var job = await host.Jobs.WaitAsync((await host.Jobs.EnqueueAsync(new Plain("a"), cancellationToken: Cancelled)).Id, Cancelled);

        (job!.State, job.Errors[0].Type, job.Errors[0].Message).ShouldBe((JobState.Failed, ErrorTypes.Verdict, "never a"));
    }

    [Fact]
    public async Task A_handler_gives_a_result_or_a_verdict()
    {
        await using var host = await EngineHost.StartAsync(s => s.AddJob<Priced, Haggler>());

        (await (await host.Jobs.EnqueueAsync(new Priced(3), cancellationToken: Cancelled)).WaitAsync(Cancelled)).Cents.ShouldBe(3);
        var failed = await Should
            .ThrowAsync<JobFailedException>((await host.Jobs.EnqueueAsync(new Priced(0), cancellationToken: Cancelled))
            .WaitAsync(Cancelled));
        failed.Message.ShouldContain("too cheap");
    }

    [Fact]
    public async Task Handlers_are_released_however_the_attempt_ends()
    {
        var book = new Book();
        await using var host = await EngineHost.StartAsync(
            s => s.AddJob<Plain, Scribe>(static o => o.MaxAttempts = 1), b => b.Services.AddSingleton(book).AddScoped<Pen>());

        await host.Jobs.WaitAsync((await host.Jobs.EnqueueAsync(new Plain("throw"), cancellationToken: Cancelled)).Id, Cancelled);

        book.Lines.ShouldBe(["write throw", "scribe released", "pen released"]);
    }

    public sealed class Book
    {
        public List<string> Lines { get; } = [];

        public List<Pen> Pens { get; } = [];
    }

    public sealed class Pen(Book book) : IDisposable
    {
        public void Dispose() => book.Lines.Add("pen released");
    }

    public sealed class Scribe(Book book, Pen pen) : IJobHandler<Plain>, IAsyncDisposable
    {
        public Task HandleAsync(Plain job, JobContext context, CancellationToken cancellationToken)
        {
            book.Pens.Add(pen);
            book.Lines.Add("write " + job.Text);
            return job.Text == "throw" ? throw new InvalidOperationException("no ink") : Task.CompletedTask;
        }

        public ValueTask DisposeAsync()
        {
            book.Lines.Add("scribe released");
            return ValueTask.CompletedTask;
        }
    }

    public sealed class Pricer : IJobHandler<Priced, Price>
    {
        public Task<Price> HandleAsync(Priced job, JobContext context, CancellationToken cancellationToken) =>
            Task.FromResult(new Price(job.Cents));
    }

    public sealed class Refuser : IVerdictHandler<Plain>
    {
        public Task<JobVerdict> HandleAsync(Plain job, JobContext context, CancellationToken cancellationToken) =>
            Task.FromResult(JobVerdict.Fail("never " + job.Text));
    }

    public sealed class Haggler : IVerdictHandler<Priced, Price>
    {
        public Task<JobVerdict<Price>> HandleAsync(Priced job, JobContext context, CancellationToken cancellationToken) =>
            Task.FromResult<JobVerdict<Price>>(job.Cents == 0 ? JobVerdict.Fail("too cheap") : new Price(job.Cents));
    }
}
