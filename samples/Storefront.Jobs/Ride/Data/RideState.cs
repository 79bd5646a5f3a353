using System.Text.Json.Serialization;

namespace Storefront.Ride;

/// <summary>The state of a ride.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RideState>))]
public enum RideState
{
    /// <summary>It has no driver yet.</summary>
    [JsonStringEnumMemberName("searching")]
    Searching = 0,

    /// <summary>The driver comes to the passenger.</summary>
    [JsonStringEnumMemberName("coming")]
    Coming = 1,

    /// <summary>The passenger is in the car.</summary>
    [JsonStringEnumMemberName("riding")]
    Riding = 2,

    /// <summary>The passenger has arrived.</summary>
    [JsonStringEnumMemberName("arrived")]
    Arrived = 3,

    /// <summary>It was cancelled, or no driver was found.</summary>
    [JsonStringEnumMemberName("off")]
    Off = 4,
}
