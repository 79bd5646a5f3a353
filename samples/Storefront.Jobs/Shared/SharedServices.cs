namespace Storefront.Shared;

public static class SharedServices
{
    /// <summary>Registers what all features use: the data directory, the shop's database, the options, the clock.</summary>
    public static IServiceCollection AddShared(this IServiceCollection services, DataDirectory data)
    {
        services.AddOptions<StorefrontOptions>().BindConfiguration("Storefront").ValidateDataAnnotations().ValidateOnStart();
        return services
            .AddSingleton(data)
            .AddSingleton<ShopDatabase>()
            .AddSingleton<SlowGateway>()
            .AddSingleton(TimeProvider.System);
    }
}
