namespace Simmer.EntityFrameworkCore.Tests.Support;

public sealed record Pack(string Number) : IJob;

public sealed record Ship(string Number) : IJob<string>;

public sealed record Thank(string Number) : IJob;

public sealed record Unheard : IJob;

public sealed record Basket(List<string> Goods) : IJob;

public sealed record Label(string Text) : IJob;
