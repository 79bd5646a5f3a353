using Npgsql;
using Simmer.FleetTests.Hosts;
using Simmer.Hosting;
using Simmer.Postgres;
using Simmer.Servers;
using Simmer.Storage;

namespace Simmer.FleetTests.Refusals;

/// <summary>The database refuses what the engine writes of one job: a constraint, a trigger or a right that an administrator made. The
/// engine goes on with all others, on connections that have done nothing before.</summary>
[Trait("Rule", "15")]
public sealed class Refusing : HostTest
{
    [Theory]
    [InlineData("P0001")]
    [InlineData("22P05")]
    [InlineData("23514")]
    [InlineData("25P02")]
    [InlineData("40001")]
    [InlineData("42501")]
    [InlineData("53100")]
    [InlineData("54000")]
    [InlineData("57014")]
    [InlineData("ABC12")]
    [InlineData("XX000")]
    public async Task The_end_of_a_job_that_is_refused_is_kept_and_told_of_and_stored_when_it_is_let(string code)
    {
        await using var host = await StartAsync();
        var connection = await ConnectAsync();
        await RefuseAsync(connection,
            "BEFORE DELETE ON simmer.job FOR EACH ROW WHEN (convert_from(OLD.payload, 'UTF8') LIKE '%bad%')", code);

        var bad = await host.Jobs.EnqueueAsync(new Note("bad"), cancellationToken: Token);
        await Until.True(() => Notes.Contains("bad"), "it has run");
        await DoAsync(host, 20, "good");

        (await bad.GetAsync(Token))!.State.ShouldBe(JobState.Running, "its end cannot be stored");
        // RED
        new SimmerStatus(host.Node).RefusedEnds!.Value.One
            .ShouldSatisfyAllConditions(r => r.Token.Id.ShouldBe(bad.Id), r => r.Error.Message.ShouldContain(code));
        await ExecuteAsync(connection, "DROP TRIGGER refuse ON simmer.job");

        await bad.WaitAsync(Token);
        (await bad.GetAsync(Token))!.ShouldSatisfyAllConditions(static j => j.State.ShouldBe(JobState.Succeeded),
            static j => j.Run.ShouldBe(1));
        Notes.Count(static n => n == "bad").ShouldBe(1);
        new SimmerStatus(host.Node).RefusedEnds.ShouldBeNull(); // RED
    }

    [Fact]
    public async Task A_text_that_is_refused_has_a_mark_in_its_place_and_the_outcome_is_stored()
    {
        await using var host = await StartAsync(static s => s
            .AddJob((Pay _, CancellationToken _) => throw new InvalidOperationException("bad")));
        var connection = await ConnectAsync();
        await ExecuteAsync(connection, "ALTER TABLE simmer.error ADD CHECK (message <> 'bad')");

        var bad = await host.Jobs.EnqueueAsync(new Pay(1), new EnqueueOptions { MaxAttempts = 1 }, Token);
        _ = await Should.ThrowAsync<JobFailedException>(() => bad.WaitAsync(Token));
        await DoAsync(host, 20, "good");

        var job = (await bad.GetAsync(Token))!;
        (job.State, job.Run).ShouldBe((JobState.Failed, 1));
        job.Errors.ShouldHaveSingleItem()
            .ShouldSatisfyAllConditions(static e => e.Message.ShouldBe(StoreRules.RefusedText),
            static e => e.Type.ShouldBe("System.InvalidOperationException"));
    }

    [Fact]
    public async Task In_a_database_that_is_not_UTF8_what_it_lacks_is_marked_or_refused_and_nothing_else_suffers()
    {
        var database = await LatinAsync();
        try
        {
            // A new schema is refused; one that is there, from before or made by hand, is used.
            (await Should.ThrowAsync<StoreException>(() => StartAsync(connectionString: database))).Message
                .ShouldContain("ENCODING 'UTF8'");
            var connection = await ConnectAsync(database);
            await ExecuteAsync(connection, PostgresSchema.Script());

            await using var host = await StartAsync(static s => s.AddJob((Pay _, JobContext context, CancellationToken _) =>
            {
                context.Progress.Report(0.5, "日本");
                throw new InvalidOperationException("日本");
            }), connectionString: database);
            host.Log.Lines.ShouldContain(static l => l.EventId == 3021);
            var bad = await host.Jobs.EnqueueAsync(new Pay(1), new EnqueueOptions { MaxAttempts = 1 }, Token);
            _ = await Should.ThrowAsync<JobFailedException>(() => bad.WaitAsync(Token));
            (await Should.ThrowAsync<StoreException>(() => host.Jobs
                .EnqueueAsync(new Note("x"), new EnqueueOptions { UniqueKey = "日本" }, Token))).Message.ShouldContain("22P05");
            await host.Jobs.EnqueueAsync(new Note("日本"), new EnqueueOptions { Tags = ["日本"] }, Token)
                .ContinueWith(static h => h.Result.WaitAsync(Token), TaskScheduler.Default).Unwrap();
            await DoAsync(host, 5, "good");

            Notes.ShouldContain("日本");
            (await bad.GetAsync(Token))!.Errors.ShouldHaveSingleItem().Message.ShouldBe(StoreRules.RefusedText);
        }
        finally
        {
            await (await PostgresServer.Shared).DropDatabaseAsync(database);
        }
    }

    /// <summary>Has the database refuse something, by a trigger that raises.</summary>
    private static async Task RefuseAsync(NpgsqlConnection connection, string when, string code)
    {
        await ExecuteAsync(connection,
            "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not this one' USING "
            + "ERRCODE = TG_ARGV[0]; END $$");
        await ExecuteAsync(connection, $"CREATE TRIGGER refuse {when} EXECUTE FUNCTION refuse('{code}')");
    }

    private async Task<string> LatinAsync()
    {
        var name = $"latin{Guid.NewGuid():N}";
        await ExecuteAsync(await ConnectAsync(),
            $"CREATE DATABASE {name} ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
        return new NpgsqlConnectionStringBuilder(Database) { Database = name }.ConnectionString;
    }
}
