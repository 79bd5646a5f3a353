namespace Simmer.AfterResponse;

/// <summary>The root service provider of the application, as singletons get it. It lives as long as the process.</summary>
internal sealed record RootServices(IServiceProvider Services);
