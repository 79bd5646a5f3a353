using System.Diagnostics;
using System.Reflection;
using System.Runtime.Loader;

namespace Simmer.Tests.PlugIns;

/// <summary>The source of activities is made once a process, and asks every listener whether it listens.</summary>
[Collection(PlugInTests.Alone)]
public sealed class ThrowingSourceTests
{
    [Fact]
    public void A_listener_that_throws_when_it_is_asked_whether_it_listens_ends_no_enqueue_of_the_process()
    {
        var (throws, asked) = (false, 0);
        using var listener = new ActivityListener
        {
            ShouldListenTo = source =>
            {
                if (throws && source.Name == "Simmer")
                {
                    asked++;
                    throw new InvalidOperationException("The collector is away.");
                }

                return false;
            },
        };
        ActivitySource.AddActivityListener(listener);
        var library = new AssemblyLoadContext("a process that has just begun", isCollectible: true);
        var start = library.LoadFromAssemblyPath(typeof(IJobClient).Assembly.Location)
            .GetType("Simmer.Diagnostics.Telemetry", throwOnError: true)!
            .GetMethod("StartSend", BindingFlags.Public | BindingFlags.Static)!;

        throws = true;
        var error = Record.Exception(() => start.Invoke(null, ["default"]));
        throws = false;
        library.Unload();

        error.ShouldBeNull();
        asked.ShouldBe(1);
    }
}
