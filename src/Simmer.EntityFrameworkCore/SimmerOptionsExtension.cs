using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Update;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Simmer.EntityFrameworkCore;

/// <summary>Adds Simmer's services to those of a context.</summary>
/// <param name="services">The services of the application; null: those with which the context was registered.</param>
internal sealed class SimmerOptionsExtension(IServiceProvider? services) : IDbContextOptionsExtension
{
    public IServiceProvider? Services => services;

    public DbContextOptionsExtensionInfo Info => field ??= new ExtensionInfo(this);

    public void ApplyServices(IServiceCollection services)
    {
        // The executor that writes the batches of a SaveChanges: the provider's own if it was registered before, otherwise the one that all
        // relational providers share.
        var inner = services.LastOrDefault(static s => s.ServiceType == typeof(IBatchExecutor)) ?? Default();
        services.RemoveAll<IBatchExecutor>();
        services.AddScoped<IBatchExecutor>(s => new JobBatchExecutor(Make(inner, s), s.GetRequiredService<PendingJobs>()));
        services.AddScoped<IInterceptor, JobInterceptor>();
        services.AddScoped<PendingJobs>();
    }

    public void Validate(IDbContextOptions options)
    {
    }

    private static ServiceDescriptor Default()
    {
        var relational = new ServiceCollection();
        new EntityFrameworkRelationalServicesBuilder(relational).TryAddCoreServices();
        return relational.Last(static s => s.ServiceType == typeof(IBatchExecutor));
    }

    private static IBatchExecutor Make(ServiceDescriptor descriptor, IServiceProvider services) => (IBatchExecutor)(
        descriptor.ImplementationInstance ?? descriptor.ImplementationFactory?.Invoke(services) ?? ActivatorUtilities
            .CreateInstance(services, descriptor.ImplementationType!));

    private sealed class ExtensionInfo(SimmerOptionsExtension extension) : DbContextOptionsExtensionInfo(extension)
    {
        public override bool IsDatabaseProvider => false;

        public override string LogFragment => "using Simmer ";

        // The application's services do not count: contexts of all scopes share one set of EF's own services.
        public override int GetServiceProviderHashCode() => 0;

        public override bool ShouldUseSameServiceProvider(DbContextOptionsExtensionInfo other) => other is ExtensionInfo;

        public override void PopulateDebugInfo(IDictionary<string, string> debugInfo) => debugInfo["Simmer"] = "1";
    }
}
