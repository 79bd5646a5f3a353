using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Simmer.Hosting;

/// <summary>What the stores of all packages have in common as their options are set, read and checked.</summary>
internal static class StoreSetup
{
    /// <summary>Registers a store's options: code sets them, its section of the configuration overrules the code, and what is wrong is told
    /// at start together with everything else.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="section">The section, such as <c>Simmer:Sqlite</c>.</param>
    /// <param name="configure">What the code sets.</param>
    /// <param name="read">Reads the section.</param>
    /// <param name="check">Adds what is wrong with the options.</param>
    public static void AddStoreOptions<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TOptions>(
        this SimmerBuilder builder, string section, Action<TOptions>? configure,
        Action<ConfigurationReader, IConfigurationSection, TOptions> read, Action<TOptions, List<string>> check)
        where TOptions : class
    {
        var setup = builder.Setup;
        _ = builder.Services.AddOptions();
        if (configure is not null)
        {
            _ = builder.Services.Configure(configure);
        }

        _ = builder.Services.AddSingleton<IPostConfigureOptions<TOptions>>(services =>
            new PostConfigureOptions<TOptions>(Options.DefaultName, options =>
            {
                if (services.GetService<IConfiguration>()?.GetSection(section) is { } found)
                {
                    read(new ConfigurationReader(setup.ConfigurationProblems), found, options);
                }
            }));
        setup.Checks.Add((services, problems) => check(services.GetRequiredService<IOptions<TOptions>>().Value, problems));
    }

    /// <summary>A time that is out of the range of a store's time-outs; null: it is in range.</summary>
    public static string? WhyNotTime(string method, string name, TimeSpan value) =>
        value < TimeSpan.FromMilliseconds(1) || value > TimeSpan.FromDays(1)
            ? $"The {name} of {method} is {value}; it takes 1 millisecond to 1 day."
            : null;
}
