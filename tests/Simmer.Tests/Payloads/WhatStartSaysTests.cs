using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Globalization;
using System.Numerics;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Payloads;

/// <summary>A record that would not come back from a database as it was given is refused at start, with the path to what would be lost.
/// Others are not.</summary>
public sealed class WhatStartSaysTests
{
    private static readonly MethodInfo s_add = typeof(WhatStartSaysTests)
        .GetMethod(nameof(Add), BindingFlags.NonPublic | BindingFlags.Static)!;

    public static TheoryData<Type, string> Lossy => new()
    {
        { typeof(PrivateSetter), "Value.Name of PrivateSetter is written and cannot be set again" },
        { typeof(GetOnlyList), "Value.Lines of GetOnlyList is written and not filled again" },
        { typeof(GetOnlyListInAClass), "Value.Lines of GetOnlyListInAClass is written and not filled again" },
        { typeof(ListBehindAField), "Value.Lines of ListBehindAField" },
        { typeof(ValueBehindAField), "Value.Count of ValueBehindAField" },
        { typeof(Opaque), "Value.x of Opaque is not written, nor is anything else of it" },
        { typeof(Hidden), "Value._text of Hidden is not written, nor is anything else of it" },
        { typeof(ReadOnlyPoint), "Value.X of ReadOnlyPoint" },
        { typeof(ReadOnlyPoint?), "Value.X of ReadOnlyPoint" },
        { typeof(OfItsTime), "Value.At of OfItsTime" },
        { typeof(WithTokenOfItsOwn), "Value.Token of WithTokenOfItsOwn" },
        { typeof(WithInternal), "Value.Secret of WithInternal is not written" },
        { typeof(TwoConstructors), "Value.Number of TwoConstructors" },
        { typeof(UnboundParameter), "Value is an UnboundParameter, which has no constructor" },
        { typeof(ReadOnlyField), "Value.At of ReadOnlyField" },
        { typeof(TitledLines), "Value.Title of TitledLines is not stored, since of a collection" },
        { typeof(Basket), "Value is a Basket, which JSON cannot fill" },
        { typeof(DerivedFromPrivateSetter), "Value.Hidden of DerivedFromPrivateSetter" },
        { typeof(WithComputedDelegate), "Value.Next is a Func<Int32>" },
        { typeof(Shape), "Value is a Shape, which has no constructor" },
        { typeof(IComparable), "Value is an IComparable, which has no constructor" },
        { typeof(NamelessShape), "Value may be a NamelessCircle, which is declared without a name" },
        { typeof(object), "Value is an object, whose type is not stored" },
        { typeof(Dictionary<string, object>), "Value[] is an object" },
        { typeof(Dictionary<OddKey, int>), "Value has keys of the type OddKey" },
        { typeof(Dictionary<int[], int>), "Value has keys of the type Int32[]" },
        { typeof(int[,]), "Value is an Int32[,]" },
        { typeof(Stream), "Value is a Stream" },
        { typeof(Type), "Value is a Type" },
        { typeof(MethodInfo), "Value is a MethodInfo" },
        { typeof(Action<int>), "Value is an Action<Int32>" },
        { typeof(IntPtr), "Value is an IntPtr" },
        { typeof(CancellationToken), "Value is a CancellationToken" },
        { typeof(Task<int>), "Value is a Task<Int32>" },
        { typeof(IAsyncEnumerable<int>), "Value is an IAsyncEnumerable<Int32>" },
        { typeof(CultureInfo), "Value is a CultureInfo" },
        { typeof(TimeZoneInfo), "Value is a TimeZoneInfo" },
        { typeof(BigInteger), "BigInteger" },
        { typeof(Complex), "Complex" },
        { typeof(StringBuilder), "StringBuilder" },
        { typeof(Regex), "Value is a Regex" },
        { typeof(Lazy<int>), "Lazy<Int32>" },
        { typeof(Index), "Index" },
        { typeof(Rune), "Rune" },
        { typeof(Stack<int>), "reverse order" },
        { typeof(ConcurrentStack<int>), "reverse order" },
        { typeof(ImmutableStack<int>), "reverse order" },
        { typeof(ReadOnlyCollection<int>), "Value is a ReadOnlyCollection<Int32>, which JSON cannot fill" },
        { typeof(ConcurrentBag<int>), "which JSON cannot fill" },
        { typeof(ReadOnlyDictionary<string, int>), "which JSON cannot fill" },
        { typeof(ArraySegment<int>), "ArraySegment<Int32>" },
        { typeof(PriorityQueue<int, int>), "PriorityQueue<Int32, Int32>" },
    };

    public static TheoryData<Type> Whole =>
    [
        typeof(int), typeof(string), typeof(JobId), typeof(JobId?), typeof(Guid?), typeof(Colour?), typeof(OddKey?), typeof(PublicFields),
            typeof((int, string)), typeof((int, (string, JobId?))?),
        typeof(Tuple<int, string>), typeof(KeyValuePair<string, int>), typeof(PrivateSetterThatIsIncluded), typeof(Computed),
            typeof(WithIgnored), typeof(IgnoredParameter), typeof(ValidatedByField), typeof(Animal),
        typeof(Vehicle), typeof(Car), typeof(WithParameterlessConstructor), typeof(ReadOnlyWithConstructor), typeof(BoundGetOnly),
            typeof(Populated), typeof(Overflow), typeof(Money), typeof(Empty), typeof(WithEvent), typeof(Node),
        typeof(WithRequired), typeof(Uri), typeof(Version), typeof(Half), typeof(Int128), typeof(UInt128), typeof(DateOnly),
            typeof(TimeOnly), typeof(DateTime), typeof(DateTimeOffset?), typeof(TimeSpan), typeof(decimal), typeof(double),
        typeof(char), typeof(byte[]), typeof(Memory<byte>), typeof(ReadOnlyMemory<int>), typeof(JsonElement), typeof(JsonNode),
            typeof(JsonObject), typeof(JsonDocument), typeof(int[][]), typeof(List<Computed>),
        typeof(IReadOnlyList<int>), typeof(IEnumerable<string>), typeof(ICollection<int>), typeof(ISet<int>), typeof(HashSet<string>),
            typeof(SortedSet<int>), typeof(Queue<int>), typeof(LinkedList<int>),
        typeof(ConcurrentDictionary<string, int>), typeof(ImmutableArray<int>), typeof(ImmutableList<string>),
            typeof(ImmutableDictionary<string, int>), typeof(ImmutableHashSet<int>), typeof(IReadOnlyDictionary<Guid, OddKey>),
        typeof(SortedDictionary<DateOnly, int>), typeof(Dictionary<Colour, int>), typeof(Dictionary<int, List<Animal>>),
            typeof(Collection<int>), typeof(ObservableCollection<int>), typeof(Vector2), typeof(System.Drawing.Point),
    ];

    [Theory]
    [MemberData(nameof(Lossy))]
    public async Task What_would_be_lost_is_refused_with_its_path(Type type, string says)
    {
        var refused = await RefusedAsync(type);

        refused.ShouldContain(p => p.Contains(says, StringComparison.Ordinal) && p.StartsWith("Job 'holds'", StringComparison.Ordinal));
        refused.ShouldContain(p => p.StartsWith("The result of job 'holds'", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(typeof(List<PrivateSetter>), "Value[].Name of PrivateSetter")]
    [InlineData(typeof(Dictionary<string, PrivateSetter[]>), "Value[][].Name of PrivateSetter")]
    [InlineData(typeof(Held<Held<PrivateSetter?>>), "Value.Value.Value.Name of PrivateSetter")]
    [InlineData(typeof((int, PrivateSetter)), "Value.Item2.Name of PrivateSetter")]
    [InlineData(typeof(ImmutableArray<ReadOnlyPoint?>), "Value[].X of ReadOnlyPoint")]
    [InlineData(typeof(KeyValuePair<string, int[,]>), "Value.Value is an Int32[,]")]
    public async Task However_deep_it_stands(Type type, string says) =>
        (await RefusedAsync(type)).ShouldContain(p => p.Contains(says, StringComparison.Ordinal));

    [Theory]
    [MemberData(nameof(Whole))]
    public async Task What_comes_back_whole_is_not_refused(Type type)
    {
        await using var host = await EngineHost.StartAsync(s => Declare(s, type));
    }

    [Fact]
    public async Task A_policy_that_changes_the_keys_of_dictionaries_is_refused_where_there_is_one()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web) { DictionaryKeyPolicy = JsonNamingPolicy.CamelCase };

        (await EngineHost.RefusedAsync(s => s.Configure(o => o.Json = options).AddJob<Holds<Dictionary<string, int>>>())).Message
            .ShouldContain("DictionaryKeyPolicy");

        await using var host = await EngineHost.StartAsync(s => s.Configure(o => o.Json = options).AddJob<Holds<int>>());
    }

    private static async Task<IReadOnlyList<string>> RefusedAsync(Type type) =>
        (await EngineHost.RefusedAsync(s => Declare(s, type))).Problems;

    private static void Declare(SimmerBuilder simmer, Type type) => s_add.MakeGenericMethod(type).Invoke(null, [simmer]);

    private static void Add<T>(SimmerBuilder simmer) => simmer.AddJob<Holds<T>>();
}
