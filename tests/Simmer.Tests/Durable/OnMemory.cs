namespace Simmer.Tests.Durable.OnMemory;

public sealed class NotKept : NotKeptTests<InMemoryJobs>;
