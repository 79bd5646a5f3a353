using System.ComponentModel.DataAnnotations;

namespace Storefront.Ride;

/// <summary>The section <c>Storefront:Ride</c> of the configuration.</summary>
public sealed class RideOptions
{
    /// <summary>How many cars the fleet has.</summary>
    [Range(0, 190)]
    public int Drivers { get; set; } = 32;

    /// <summary>How many seconds pass in the city while one passes here.</summary>
    [Range(0.1, 100_000)]
    public double Speed { get; set; } = 12;

    /// <summary>How often the position of a car is stored.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:10")]
    public TimeSpan Tick { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long a request waits for a driver to become free.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(10);
}
