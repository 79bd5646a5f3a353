namespace Simmer.Tests.Engine;

public sealed record Receipt(string Number);

public sealed record Greet(string Name) : IJob;

[Job("take-payment", MaxAttempts = 3)]
public sealed record TakePayment(int Amount) : IJob<Receipt>;
