using Simmer.SimulationTests.Running;

namespace Simmer.SimulationTests.Faults;

/// <summary>What becomes of one call.</summary>
/// <param name="Before">How long until the store does it.</param>
/// <param name="After">How long until the answer is there.</param>
/// <param name="Ending">Whether the call is carried out, and whether its answer arrives.</param>
internal readonly record struct Fate(TimeSpan Before, TimeSpan After, Ending Ending);

internal enum Ending
{
    Answered,

    /// <summary>The call fails and was not carried out.</summary>
    Refused,

    /// <summary>Not done, but the caller cannot know.</summary>
    RequestLost,

    /// <summary>Done, and the caller cannot know.</summary>
    AnswerLost,
}

/// <summary>The faults of this seed's store. Some seeds have many faults of one sort, some of all sorts, some none.</summary>
internal sealed class FaultPlan
{
    private readonly World _world;
    private readonly double _refused;
    private readonly double _requestLost;
    private readonly double _answerLost;
    private readonly double _slow;
    private long _awayUntil;
    private bool _over;

    public FaultPlan(World world)
    {
        _world = world;
        _refused = Strength();
        _requestLost = Strength();
        _answerLost = Strength();
        _slow = Strength();
        Longest = TimeSpan.FromSeconds(world.Chance(0.3) ? 40 : 5);
        world.Trace
            .Add($"faults: refused {_refused}, request lost {_requestLost}, answer lost {_answerLost}, slow {_slow:0.000} up to "
            + $"{Longest.TotalSeconds} s");
    }

    /// <summary>The longest that a call is on its way, there or back.</summary>
    public TimeSpan Longest { get; }

    /// <summary>From now on the store is perfect.</summary>
    public void End() => (_over, _awayUntil) = (true, 0);

    public void GoAway(TimeSpan time) => _awayUntil = _world.Now + time.Ticks;

    public Fate Next()
    {
        if (_over)
        {
            return new Fate(Latency(), Latency(), Ending.Answered);
        }

        var ending = _world.Now < _awayUntil ? Away() : Draw();
        return new Fate(Time(), Time(), ending);
    }

    private Ending Away() => _world.Chance(0.3) ? Ending.RequestLost : Ending.Refused;

    private Ending Draw()
    {
        var draw = _world.Random.NextDouble();
        return draw < _refused ? Ending.Refused
            : draw < _refused + _requestLost ? Ending.RequestLost
            : draw < _refused + _requestLost + _answerLost ? Ending.AnswerLost
            : Ending.Answered;
    }

    private TimeSpan Time() => _world.Chance(_slow) ? _world.Between(0.05, Longest.TotalSeconds) : Latency();

    private TimeSpan Latency() => _world.Between(0.0001, 0.003);

    private double Strength() => _world.Random.Next(4) switch { 0 => 0, 1 => 0.01, 2 => 0.05, _ => 0.2 };
}
