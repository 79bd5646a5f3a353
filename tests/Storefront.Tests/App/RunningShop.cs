namespace Storefront.Tests.App;

/// <summary>A shop for all tests that do not kill it.</summary>
public sealed class RunningShop : IAsyncLifetime
{
    private readonly TemporaryDirectory _data = new();
    private Shop? _shop;

    public Shop Shop => _shop!;

    public async ValueTask InitializeAsync() => _shop = await Shop.StartAsync(_data.Path);

    public ValueTask DisposeAsync()
    {
        _shop?.Dispose();
        _data.Dispose();
        return ValueTask.CompletedTask;
    }
}
