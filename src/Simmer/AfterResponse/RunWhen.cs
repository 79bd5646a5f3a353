namespace Simmer;

/// <summary>Which answers let the tasks of a request run.</summary>
public enum RunWhen
{
    /// <summary>The request neither threw nor answered with a status of 400 or above.</summary>
    Success = 0,

    /// <summary>Whatever became of the request.</summary>
    Always = 1,
}
