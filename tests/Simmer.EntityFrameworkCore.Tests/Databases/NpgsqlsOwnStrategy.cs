using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;
using Npgsql.EntityFrameworkCore.PostgreSQL;
using Simmer.EntityFrameworkCore.Tests.Support;

namespace Simmer.EntityFrameworkCore.Tests.Databases;

public sealed class NpgsqlsOwnStrategy : ShopTest<PostgresDatabase>
{
    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task When_the_server_ends_the_session_in_which_a_save_is_under_way_it_is_made_again_and_the_job_stored_once(
        bool asynchronously, bool entities)
    {
        await using var shop = await OpenAsync();
        var cut = new EndSessionOnce(Database.ConnectionString);
        await using var db = shop.NewContext(
            o => o.AddInterceptors(cut),
            static d => new NpgsqlRetryingExecutionStrategy(d, maxRetryCount: 2, TimeSpan.Zero, [PostgresErrorCodes.AdminShutdown]));
        if (entities)
        {
            db.Add("A1");
        }

        var handle = db.Jobs().Add(new Pack("A1"));
        cut.IsOn = true;

        await db.SaveAsync(asynchronously);

        cut.IsOn.ShouldBeFalse();
        (await shop.StoredAsync()).ShouldBe([handle.Id]);
        (await shop.OrdersAsync()).Length.ShouldBe(entities ? 1 : 0);
    }

    /// <summary>Ends the session of a transaction that has just begun.</summary>
    private sealed class EndSessionOnce(string connectionString) : DbTransactionInterceptor
    {
        public bool IsOn { get; set; }

        public override DbTransaction TransactionStarted(DbConnection connection, TransactionEndEventData eventData, DbTransaction result)
        {
            if (IsOn)
            {
                IsOn = false;
                using var other = new NpgsqlConnection(connectionString);
                other.Open();
                using var end = new NpgsqlCommand("SELECT pg_terminate_backend($1, 10000)",
                    other) { Parameters = { new() { Value = ((NpgsqlConnection)connection).ProcessID } } };
                end.ExecuteScalar().ShouldBe(true);
            }

            return result;
        }

        public override ValueTask<DbTransaction> TransactionStartedAsync(DbConnection connection, TransactionEndEventData eventData,
            DbTransaction result, CancellationToken cancellationToken = default) =>
            new(TransactionStarted(connection, eventData, result));
    }
}
