namespace Simmer.EntityFrameworkCore.Tests.Support;

/// <summary>An order of the shop. No two have the same number.</summary>
public sealed class Order
{
    public Guid Id { get; set; } = Guid.NewGuid();

    public required string Number { get; set; }
}
