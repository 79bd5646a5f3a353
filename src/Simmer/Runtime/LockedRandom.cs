using System.Security.Cryptography;

namespace Simmer.Runtime;

/// <summary>The default source of jitter: seeded once from the system, shared by all loops.</summary>
internal sealed class LockedRandom
{
    private readonly Random _random = new(RandomNumberGenerator.GetInt32(int.MaxValue));

    public double NextDouble()
    {
        lock (_random)
        {
            return _random.NextDouble();
        }
    }
}
