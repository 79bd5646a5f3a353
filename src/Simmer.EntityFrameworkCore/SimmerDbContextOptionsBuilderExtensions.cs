using Microsoft.EntityFrameworkCore.Infrastructure;
using Simmer.EntityFrameworkCore;

namespace Microsoft.EntityFrameworkCore;

/// <summary>Makes a context take jobs.</summary>
public static class SimmerDbContextOptionsBuilderExtensions
{
    /// <summary>Lets the context take jobs (<c>db.Jobs().Add(...)</c>), which its <c>SaveChanges</c> stores in the same transaction as the
    /// entities. Simmer is found in the services of the application with which the context was registered (<c>AddDbContext</c>,
    /// <c>AddDbContextPool</c>, <c>AddDbContextFactory</c>). May stand before or after the database provider.</summary>
    /// <param name="options">The context's options.</param>
    /// <returns>The options.</returns>
    public static DbContextOptionsBuilder UseSimmer(this DbContextOptionsBuilder options) => Use(options, null);

    /// <inheritdoc cref="UseSimmer(DbContextOptionsBuilder)"/>
    /// <typeparam name="TContext">The context.</typeparam>
    public static DbContextOptionsBuilder<TContext> UseSimmer<TContext>(this DbContextOptionsBuilder<TContext> options)
        where TContext : DbContext => (DbContextOptionsBuilder<TContext>)Use(options, null);

    /// <summary>Makes a context take jobs that is created without <c>AddDbContext</c>.</summary>
    /// <param name="options">The context's options.</param>
    /// <param name="services">The services to which Simmer was added.</param>
    /// <returns>The options.</returns>
    public static DbContextOptionsBuilder UseSimmer(this DbContextOptionsBuilder options, IServiceProvider services)
    {
        ArgumentNullException.ThrowIfNull(services);
        return Use(options, services);
    }

    /// <inheritdoc cref="UseSimmer(DbContextOptionsBuilder, IServiceProvider)"/>
    /// <typeparam name="TContext">The context.</typeparam>
    public static DbContextOptionsBuilder<TContext> UseSimmer<TContext>(this DbContextOptionsBuilder<TContext> options,
        IServiceProvider services)
        where TContext : DbContext => (DbContextOptionsBuilder<TContext>)UseSimmer((DbContextOptionsBuilder)options, services);

    private static DbContextOptionsBuilder Use(DbContextOptionsBuilder options, IServiceProvider? services)
    {
        ArgumentNullException.ThrowIfNull(options);
        ((IDbContextOptionsBuilderInfrastructure)options).AddOrUpdateExtension(new SimmerOptionsExtension(services));
        return options;
    }
}
