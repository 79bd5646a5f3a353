namespace Storefront.Notify;

public static class NotifyFeature
{
    public static IServiceCollection AddNotify(this IServiceCollection services) => services
        .AddSingleton<NotificationFeed>()
        .AddScoped<INotifier, FeedNotifier>();
}
