using Simmer;

namespace Storefront.Checkout;

/// <summary>Lays aside what was ordered.</summary>
[Job("reserve-stock", Queue = "checkout")]
public sealed record ReserveStock(Guid Order) : IJob<Reservation>;

/// <summary>Puts the piece back: the undo of <see cref="ReserveStock"/>.</summary>
[Job("release-stock", Queue = "checkout")]
public sealed record ReleaseStock(Guid Order) : IJob;

/// <summary>A piece lies ready.</summary>
/// <param name="Key">Under which note.</param>
public sealed record Reservation(string Key);
