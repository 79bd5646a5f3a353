using System.Text.Json;
using Simmer.Tests.Durable;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Payloads;

/// <summary>A record or result that an older version stored and that no longer fits is never run or read with zeros and nulls in place of
/// what it lacks.</summary>
public abstract class ChangedShapesTests<TDatabase> : DurableTest<TDatabase>
    where TDatabase : IJobDatabase, new()
{
    [Job("order")]
    private sealed record Order(string Name, int Amount) : IJob<Receipt>;

    [Job("order")]
    private sealed record RenamedOrder(string Title, int Amount) : IJob<Receipt>;

    [Job("order")]
    private sealed record OrderWithMore(string Name, int Amount, Guid Customer) : IJob<Receipt>;

    [Job("order")]
    private sealed record OrderByText(string Name, string Amount) : IJob<Receipt>;

    [Job("order")]
    private sealed record OrderWithNullable(string Name, int Amount, string? Note, int? Discount, string Currency = "EUR") : IJob<Receipt>;

    [Job("order")]
    private sealed record NestedOrder(string Name, Address? Address) : IJob<Receipt>;

    [Job("order")]
    private sealed record NestedOrderWithMore(string Name, AddressWithMore? Address) : IJob<Receipt>;

    [Job("order")]
    private sealed record OrderOfNull(string? Name, int Amount) : IJob<Receipt>;

    [Job("order")]
    private sealed class GetOnlyOrder(string title, int amount) : IJob<Receipt>
    {
        public string Title { get; } = title;

        public int Amount { get; } = amount;
    }

    private sealed record Address(string Street);

    private sealed record AddressWithMore(string Street, string City);

    private sealed record Receipt(string Text);

    [Job("invoice")]
    private sealed record Invoice(int Number) : IJob<Invoiced>;

    private sealed record Invoiced(int Number);

    [Job("invoice")]
    private sealed record NewInvoice(int Number) : IJob<InvoicedWithMore>;

    private sealed record InvoicedWithMore(int Number, string Text);

    [Job("print")]
    private sealed record Print(string Printer) : IJob;

    [Fact]
    public Task A_parameter_that_was_renamed() => IsKeptAsync<RenamedOrder>(new Order("Ada", 3), "title");

    [Fact]
    public Task A_parameter_that_came_to_be() => IsKeptAsync<OrderWithMore>(new Order("Ada", 3), "customer");

    [Fact]
    public Task A_number_that_became_a_text() => IsKeptAsync<OrderByText>(new Order("Ada", 3), "amount");

    [Fact]
    public Task A_parameter_behind_a_property_without_a_setter() => IsKeptAsync<GetOnlyOrder>(new Order("Ada", 3), "title");

    [Fact]
    public Task A_parameter_of_a_record_within() =>
        IsKeptAsync<NestedOrderWithMore>(new NestedOrder("Ada", new Address("Main Street")), "city");

    [Fact]
    public Task A_null_where_none_is_allowed_any_more() => IsKeptAsync<Order>(new OrderOfNull(null, 3), "name");

    [Fact]
    public async Task What_may_be_null_or_has_a_default_may_be_missing()
    {
        var id = await StoredAsync(new Order("Ada", 3));
        OrderWithNullable? seen = null;
        await using var host = await StartAsync(s => s.AddJob((OrderWithNullable job, CancellationToken _) =>
        {
            seen = job;
            return Task.FromResult(new Receipt("done"));
        }));

        (await host.Jobs.WaitAsync(id, Cancelled))!.State.ShouldBe(JobState.Succeeded);
        seen.ShouldBe(new OrderWithNullable("Ada", 3, null, null));
    }

    [Fact]
    public async Task A_result_that_no_longer_fits_is_told_to_whoever_waits()
    {
        JobId id;
        await using (var older =
            await StartAsync(static s => s.AddJob(static (Invoice job, CancellationToken _) => Task.FromResult(new Invoiced(job.Number)))))
        {
            var handle = await older.Jobs.EnqueueAsync(new Invoice(7), cancellationToken: Cancelled);
            (await handle.WaitAsync(Cancelled)).Number.ShouldBe(7);
            id = handle.Id;
        }

        await using var newer = await StartClientAsync(static s => s.AddJob<NewInvoice>());
        var again = await newer.Jobs.EnqueueAsync(new NewInvoice(7), new EnqueueOptions { Id = id }, Cancelled);

        var error = await Should.ThrowAsync<JsonException>(again.WaitAsync(Cancelled));

        error.Message.ShouldContain($"The result of job {id} (invoice) cannot be read as an InvoicedWithMore");
        error.Message.ShouldContain("'text'");
        error.Message.ShouldContain("default value");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_step_that_takes_a_result_that_no_longer_fits_is_kept_with_the_reason(bool byParameter)
    {
        WorkflowId id;
        await using (var older = await StartAsync(static s => s
            .AddQueue("print", static q => q.Requires.Add("printer"))
            .AddJob(static (Invoice job, CancellationToken _) => Task.FromResult(new Invoiced(job.Number)))
            .AddJob<Print>(static o => o.Queue = "print")))
        {
            var flow = await older.Jobs.EnqueueAsync(Chain.Of(new Invoice(7)).Then(new Print("main")), cancellationToken: Cancelled);
            id = flow.Id;
            (await older.Jobs.WaitAsync(id.Step(1), Cancelled))!.State.ShouldBe(JobState.Succeeded);
        }

        await using var newer = await StartAsync(s =>
        {
            _ = s.AddQueue("print").AddJob<NewInvoice>();
            _ = byParameter
                ? s.AddJob((Print _, InvoicedWithMore _, CancellationToken _) => Task.CompletedTask, static o => o.Queue = "print")
                : s.AddJob(async (Print _, JobContext context, CancellationToken _) => _ = await context.ResultAsync<InvoicedWithMore>(),
                    static o => o.Queue = "print");
        });

        var job = await KeptAsync(newer, id.Step(2));
        job.Errors[^1].Message.ShouldContain("Step 'print' takes what step 'invoice' gave.");
        job.Errors[^1].Message.ShouldContain("default value");
    }

    private async Task<JobId> StoredAsync<TOld>(TOld job)
        where TOld : class, IJob
    {
        await using var older = await StartClientAsync(static s => s.AddJob<TOld>());
        return (await older.Jobs.EnqueueAsync(job, cancellationToken: Cancelled)).Id;
    }

    private async Task IsKeptAsync<TNew>(IJob<Receipt> stored, string names)
        where TNew : class, IJob<Receipt>
    {
        var id = stored switch
        {
            Order order => await StoredAsync(order),
            OrderOfNull order => await StoredAsync(order),
            _ => await StoredAsync((NestedOrder)stored),
        };
        await using var host = await StartAsync(static s => s
            .AddJob((TNew _, CancellationToken _) => Task.FromResult(new Receipt("done"))));

        var job = await KeptAsync(host, id);

        job.Errors[^1].Message.ShouldContain("The stored record cannot be read");
        job.Errors[^1].Message.ShouldContain(names);
        job.Errors[^1].Message.ShouldContain("default value");
        job.Errors[^1].Message.ShouldContain("AddUpcaster");
    }

    private static async Task<JobRecord> KeptAsync(EngineHost host, JobId id)
    {
        await foreach (var job in host.Jobs.WatchAsync(id, cancellationToken: Cancelled))
        {
            job.State.ShouldNotBe(JobState.Failed);
            if (job.Errors is [.., { Type: ErrorTypes.Unreadable }])
            {
                job.Attempt.ShouldBe(0);
                return job;
            }
        }

        throw new InvalidOperationException("The job ended.");
    }
}

public sealed class ChangedShapesOnSqlite : ChangedShapesTests<SqliteJobs>;

public sealed class ChangedShapesOnPostgres : ChangedShapesTests<PostgresJobs>;
