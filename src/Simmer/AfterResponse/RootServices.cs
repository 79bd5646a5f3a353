namespace Simmer.AfterResponse;

/// <summary>The application's own services, as singletons see them: a scope that ends with the process.</summary>
internal sealed record RootServices(IServiceProvider Services);
