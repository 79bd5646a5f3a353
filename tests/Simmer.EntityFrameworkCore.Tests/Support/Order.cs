namespace Simmer.EntityFrameworkCore.Tests.Support;

/// <summary>What the shop sells; no two orders have the same number.</summary>
public sealed class Order
{
    public Guid Id { get; set; } = Guid.NewGuid();

    public required string Number { get; set; }
}
