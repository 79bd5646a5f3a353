using System.Reflection;

namespace Simmer.AspNetCore.Tests.Support;

/// <summary>The real client, except that one of its methods cannot reach the store.</summary>
internal class ShakyClient : DispatchProxy
{
    private IJobClient? _inner;
    private string? _method;

    public static IJobClient Around(IJobClient inner, string method)
    {
        var client = Create<IJobClient, ShakyClient>();
        (((ShakyClient)client)._inner, ((ShakyClient)client)._method) = (inner, method);
        return client;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name == _method
        ? throw new StoreException("The database is away.", isTransient: true)
        : targetMethod.Invoke(_inner, args);
}
