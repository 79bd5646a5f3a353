namespace Simmer.Postgres;

/// <summary>What is claimed of a queue.</summary>
/// <param name="Queue">The queue's number.</param>
/// <param name="Count">How many jobs at most.</param>
/// <param name="Suspects">How many of them may be suspects.</param>
/// <param name="Kinds">The kinds that the worker can run, by number.</param>
/// <param name="Worker">The worker.</param>
/// <param name="Avoided">Jobs that are left alone.</param>
internal readonly record struct QueueClaim(int Queue, int Count, int Suspects, int[] Kinds, long Worker, Guid[] Avoided);
