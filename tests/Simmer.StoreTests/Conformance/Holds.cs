namespace Simmer.StoreTests.Conformance;

public abstract class Holds<TFactory> : StoreTest<TFactory>
    where TFactory : IStoreFactory, new()
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task One_worker_has_a_hold_until_it_is_over()
    {
        var other = await NewWorkerAsync();

        (await Store.TryHoldAsync("prune", Worker.Id, s_minute, Now, Token)).ShouldBeTrue();
        (await Store.TryHoldAsync("prune", other.Id, s_minute, Now, Token)).ShouldBeFalse();
        Pass(s_minute);
        (await Store.TryHoldAsync("prune", other.Id, s_minute, Now, Token)).ShouldBeTrue();
        (await Store.TryHoldAsync("prune", Worker.Id, s_minute, Now, Token)).ShouldBeFalse();
    }

    [Fact]
    public async Task Its_holder_renews_it()
    {
        var other = await NewWorkerAsync();
        _ = await Store.TryHoldAsync("prune", Worker.Id, s_minute, Now, Token);
        Pass(s_minute / 2);
        (await Store.TryHoldAsync("prune", Worker.Id, s_minute, Now, Token)).ShouldBeTrue();
        Pass(s_minute / 2);

        (await Store.TryHoldAsync("prune", other.Id, s_minute, Now, Token)).ShouldBeFalse();
    }

    [Fact]
    public async Task Holds_are_told_apart_by_name()
    {
        var other = await NewWorkerAsync();
        _ = await Store.TryHoldAsync("prune", Worker.Id, s_minute, Now, Token);

        (await Store.TryHoldAsync("rescue", other.Id, s_minute, Now, Token)).ShouldBeTrue();
    }
}
