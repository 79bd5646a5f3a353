namespace Peers.Contestants;

internal static class AllContestants
{
    /// <summary>In the order of the table: those that share a server stand together.</summary>
    public static IReadOnlyList<Contestant> List { get; } =
    [
        SimmerOnPostgres.KeepsNothing,
        SimmerOnPostgres.KeepsADay,
        GraphileWorker.Contestant,
        PgBoss.Notified,
        PgBoss.Polling,
        QuartzNet.Contestant,
        BullMq.Default,
        BullMq.Always,
        Celery.Default,
        Celery.Always,
        SimmerOnSqlite.KeepsNothing,
        SimmerOnSqlite.KeepsADay,
        SimmerAfterResponse.Contestant,
        FastApi.Contestant,
    ];
}
