namespace Simmer.Client;

/// <summary>Turns a store's answer to a retry into what its caller gets: the answer, or an exception.</summary>
internal static class RetryAnswers
{
    /// <exception cref="StoreException">The database refused the job, or some steps of the workflow.</exception>
    public static RetryResult Accepted(RetryResult answer) => answer switch
    {
        { Error: null } => answer,
        { Status: RetryStatus.Retried } =>
            throw new StoreException($"{answer.Error.Message} What else was to run again does.", answer.Error.IsTransient,
                inner: answer.Error),
        _ => throw answer.Error,
    };
}
