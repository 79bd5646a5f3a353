namespace Storefront.Tests.App;

/// <summary>A shop for all tests that do not kill it.</summary>
public sealed class RunningShop : IAsyncLifetime
{
    public const int MaxVideoBytes = 4_000_000;

    private readonly TemporaryDirectory _data = new();
    private Shop? _shop;

    public Shop Shop => _shop!;

    // This shop is never killed and no test waits for its lease, so the lease is long enough for the busiest machine.
    public async ValueTask InitializeAsync() =>
        _shop = await Shop.StartAsync(_data.Path, "Simmer:Lease=00:00:30", $"Storefront:MaxVideoBytes={MaxVideoBytes}");

    public ValueTask DisposeAsync()
    {
        _shop?.Dispose();
        _data.Dispose();
        return ValueTask.CompletedTask;
    }
}
