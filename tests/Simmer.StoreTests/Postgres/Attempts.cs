using Npgsql;
using Simmer.Postgres;

namespace Simmer.StoreTests.Postgres;

public sealed class Attempts
{
    [Fact]
    public void A_refusal_that_is_told_by_the_operation_and_by_the_flush_that_it_is_part_of_counts_once()
    {
        var (attempt, tries) = (new Attempt(), 0);
        var refused = new PostgresException("no", "ERROR", "ERROR", "P0001");
        do
        {
            attempt.Begin();
            attempt.Broke($"job {tries}", refused);
            attempt.Broke(null, refused);
        }
        while (attempt.MayTryAgain && ++tries < 1_000);

        tries.ShouldBe(50);
    }
}
