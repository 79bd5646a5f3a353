using System.Text.Json.Serialization;

namespace Simmer.Load.Running;

/// <summary>A store with its durability, and whether it keeps what succeeded.</summary>
internal sealed record Setting(StoreChoice Store, bool Keep)
{
    [JsonIgnore]
    public bool IsSqlite => Store != StoreChoice.Memory;

    [JsonIgnore]
    public string StoreName => IsSqlite ? $"sqlite {Store.ToString().ToUpperInvariant()}" : "memory";

    [JsonIgnore]
    public string KeepName => Keep ? "1 day" : "none";
}
