using System.Diagnostics;

namespace Storefront.Tests.App;

/// <summary>The same program as a worker without a web server.</summary>
public sealed class ShopWorker : IDisposable
{
    private readonly Process _process;

    private ShopWorker(Process process) => _process = process;

    /// <summary>Starts a worker beside a shop, on the shop's data.</summary>
    public static ShopWorker Beside(Shop shop, params string[] settings) => new(Process.Start(Shop.StartInfo(shop.Data, ["role=worker", .. settings]))!);

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
