namespace Simmer.AfterResponse;

/// <summary>A readable name of a delegate, for logs.</summary>
internal static class TaskName
{
    /// <summary>The type and method in which the delegate was written: <c>Program.Main</c> for a lambda of the top-level program.</summary>
    public static string Of(Delegate work)
    {
        var method = work.Method;
        var type = method.DeclaringType;
        while (type is { DeclaringType: { } outer } && type.Name.StartsWith('<'))
        {
            type = outer;
        }

        return type is null ? Readable(method.Name) : $"{type.Name}.{Readable(method.Name)}";
    }

    // Names that the compiler makes: <Main>b__0_1 is a lambda in Main, <Main>g__Send|0_1 the local function Send in it, and
    // <<Main>$> the top-level program.
    private static string Readable(string name)
    {
        var inner = name.TrimStart('<');
        var end = inner.IndexOf('>');
        if (!name.StartsWith('<') || end <= 0)
        {
            return name;
        }

        var local = name.IndexOf(">g__", StringComparison.Ordinal);
        var bar = name.IndexOf('|');
        return local >= 0 && bar > local ? $"{inner[..end]}.{name[(local + 4)..bar]}" : inner[..end];
    }
}
