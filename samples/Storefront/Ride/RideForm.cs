using System.ComponentModel.DataAnnotations;

namespace Storefront.Ride;

/// <summary>What the page sends to ask for a ride: two addresses such as <c>Basil &amp; 4</c>.</summary>
public sealed record RideForm([property: Required, Address, StringLength(80)] string From,
    [property: Required, Address, StringLength(80)] string To);
