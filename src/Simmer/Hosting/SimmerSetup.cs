using Simmer.Jobs;
using Simmer.Storage;

namespace Simmer.Hosting;

/// <summary>What the builder has gathered. At start, options, catalog and stores are made from it.</summary>
internal sealed class SimmerSetup
{
    public List<(string Name, Action<QueueOptions>? Configure)> Queues { get; } = [];

    public List<Action<SimmerOptions>> Configures { get; } = [];

    public List<JobDeclaration> Jobs { get; } = [];

    public List<UpcastDeclaration> Upcasters { get; } = [];

    public List<(string Name, Func<IServiceProvider, IJobStore> Create)> Stores { get; } = [];

    /// <summary>What the stores check at start. Each adds what is wrong.</summary>
    public List<Action<IServiceProvider, List<string>>> Checks { get; } = [];

    /// <summary>The mistakes in the configuration, reported with all others at start.</summary>
    public List<string> ConfigurationProblems { get; } = [];
}
