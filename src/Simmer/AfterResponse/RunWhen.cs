namespace Simmer;

/// <summary>After which responses the tasks of a request run.</summary>
public enum RunWhen
{
    /// <summary>They run if the request neither threw nor was answered with a status of 400 or above.</summary>
    Success = 0,

    /// <summary>They run whether the request succeeded or not.</summary>
    Always = 1,
}
