namespace Simmer.StoreTests.Conformance;

public abstract class UpkeepLeases<TFactory> : StoreTest<TFactory>
    where TFactory : IStoreFactory, new()
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task One_worker_has_a_hold_until_it_is_over()
    {
        var other = await NewWorkerAsync();

        (await Store.TryTakeUpkeepLeaseAsync("prune", Worker.Id, s_minute, Now, Token)).ShouldBeTrue();
        (await Store.TryTakeUpkeepLeaseAsync("prune", other.Id, s_minute, Now, Token)).ShouldBeFalse();
        Pass(s_minute);
        (await Store.TryTakeUpkeepLeaseAsync("prune", other.Id, s_minute, Now, Token)).ShouldBeTrue();
        (await Store.TryTakeUpkeepLeaseAsync("prune", Worker.Id, s_minute, Now, Token)).ShouldBeFalse();
    }

    [Fact]
    public async Task Its_holder_renews_it()
    {
        var other = await NewWorkerAsync();
        _ = await Store.TryTakeUpkeepLeaseAsync("prune", Worker.Id, s_minute, Now, Token);
        Pass(s_minute / 2);
        (await Store.TryTakeUpkeepLeaseAsync("prune", Worker.Id, s_minute, Now, Token)).ShouldBeTrue();
        Pass(s_minute / 2);

        (await Store.TryTakeUpkeepLeaseAsync("prune", other.Id, s_minute, Now, Token)).ShouldBeFalse();
    }

    [Fact]
    public async Task Holds_are_told_apart_by_name()
    {
        var other = await NewWorkerAsync();
        _ = await Store.TryTakeUpkeepLeaseAsync("prune", Worker.Id, s_minute, Now, Token);

        (await Store.TryTakeUpkeepLeaseAsync("rescue", other.Id, s_minute, Now, Token)).ShouldBeTrue();
    }
}
