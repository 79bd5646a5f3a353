using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Simmer.Postgres;

namespace Simmer.StoreTests.Postgres;

/// <summary>Schemas of every name.</summary>
public sealed class SchemaNames : PostgresTest
{
    [Theory]
    [InlineData("my simmer.jobs")]
    [InlineData("simmer.")]
    [InlineData("simmer.simmer.")]
    [InlineData("a'simmer.b")]
    [InlineData("it's")]
    [InlineData("a\"quote")]
    [InlineData("\"")]
    [InlineData("Upper Case")]
    [InlineData("select")]
    [InlineData("semi;colon -- /* $1 @at :colon {0} %s")]
    [InlineData("tab\tback\\slash")]
    [InlineData("1234567890123456789012345678901234567890123456789012345678")]
    [InlineData("äöüäöüäöüäöüäöüäöüäöüäöüäöüäö")]
    [InlineData("\U0001F4EE post")]
    public async Task A_schema_of_any_name_is_made_used_and_found_again(string name)
    {
        var id = Some.Id();
        try
        {
            await using (var first = await StartAsync(name))
            {
                var worker = await RegisterAsync(first);
                await using var connection = new NpgsqlConnection(ConnectionString);
                await connection.OpenAsync(Token);
                await using (var transaction = await connection.BeginTransactionAsync(Token))
                {
                    _ = await first.EnqueueWithinAsync(transaction, [Some.Draft(id: id)], Now, Token);
                    await transaction.CommitAsync(Token);
                }

                var claim = (await worker.ClaimAsync()).ShouldHaveSingleItem();
                claim.Job.Id.ShouldBe(id);
                _ = await worker.SettleAsync(claim, JobState.Succeeded);
                _ = await first.PruneAsync(100, Now, Token);
                (await first.Browser.QueuesAsync(Token)).ShouldContain(static q => q.Name == Some.Queue);
            }

            await using var second = await StartAsync(name);
            (await second.Browser.GetAsync([id], Token)).ShouldHaveSingleItem().ShouldNotBeNull().State.ShouldBe(JobState.Succeeded);
            await using var catalogue = new NpgsqlConnection(ConnectionString);
            await catalogue.OpenAsync(Token);
            await using var count =
                new NpgsqlCommand("SELECT count(*) FROM pg_namespace WHERE nspname = $1",
                    catalogue) { Parameters = { new() { Value = name } } };
            (await count.ExecuteScalarAsync(Token)).ShouldBe(1L);
        }
        finally
        {
            await using var connection = new NpgsqlConnection(ConnectionString);
            await connection.OpenAsync(Token);
            await using var drop = new NpgsqlCommand($"DROP SCHEMA IF EXISTS {new SqlTexts(name).Quoted} CASCADE", connection);
            _ = await drop.ExecuteNonQueryAsync(Token);
        }
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789", "takes 59 bytes in UTF-8; give it 1 to 58")]
    [InlineData("äöüäöüäöüäöüäöüäöüäöüäöüäöüäöü", "takes 60 bytes in UTF-8; give it 1 to 58")]
    [InlineData("pg_jobs", "begins with 'pg_'")]
    [InlineData("two\nlines", "holds a line end")]
    [InlineData("nul\0", "a NUL")]
    public void A_name_that_the_server_would_cut_or_refuse_is_refused_with_the_reason(string name, string reason)
    {
        PostgresSchema.WhyNot(name).ShouldNotBeNull().ShouldContain(reason);
        Should.Throw<ArgumentException>(() => PostgresSchema.Script(name)).Message.ShouldContain(reason);
    }

    [Fact]
    public void A_name_that_is_no_text_is_refused_with_the_reason() =>
        PostgresSchema.WhyNot("half \U0001F4EE"[..6]).ShouldNotBeNull().ShouldContain("half of a surrogate pair");

    private ValueTask<PostgresJobStore> StartAsync(string name) =>
        OpenAsync(o => (o.Schema, o.Wakeup) = (name, PostgresWakeup.Listen), NullLogger.Instance);
}
