using System.Globalization;

namespace Simmer.SimulationTests;

/// <summary>Thousands of courses of events, each on one thread and decided by its seed alone.</summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    private const int SeedsInCi = 4_000;

    private static int Seeds => Number("SIMMER_SEEDS") ?? SeedsInCi;

    [Fact]
    public void Whatever_goes_wrong_every_job_ends_once_and_nothing_is_left()
    {
        if (Number("SIMMER_SEED") is { } seed)
        {
            Replay(seed);
            return;
        }

        if (Sweep.FirstFailure(Seeds, static seed => Simulation.Run(seed), TestContext.Current.CancellationToken) is { } failure)
        {
            Assert.Fail($"{failure.Course}\nIt was found after {failure.Seeds} seeds.");
        }
    }

    [Fact]
    [Trait("Rule", "10")]
    public void Jobs_that_kill_every_process_end_after_a_bounded_number_of_deaths_and_no_other_job_with_them()
    {
        if (Sweep.FirstFailure(Seeds / 10, Poisoning.Run, TestContext.Current.CancellationToken) is { } failure)
        {
            Assert.Fail($"{failure.Course}\nIt was found after {failure.Seeds} seeds.");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void A_seed_has_one_course_of_events(int seed)
    {
        var first = Simulation.Run(seed);
        var second = Simulation.Run(seed, tells: true);

        second.Turns.ShouldBe(first.Turns);
        second.Trace.Hash.ShouldBe(first.Trace.Hash);
        Simulation.Run(seed + 1_000).Trace.Hash.ShouldNotBe(first.Trace.Hash);
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    private void Replay(int seed)
    {
        var course = Simulation.Run(seed, tells: true);
        foreach (var line in course.Trace.Lines)
        {
            output.WriteLine(line);
        }

        output.WriteLine($"trace {course.Trace.Hash:x16}, {course.Turns} turns");
        if (course.Error is not null)
        {
            Assert.Fail(course.ToString());
        }
    }
}
