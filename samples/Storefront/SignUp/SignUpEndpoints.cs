using Microsoft.AspNetCore.Http.HttpResults;
using Simmer;
using Storefront.Shared;

namespace Storefront.SignUp;

public static class SignUpEndpoints
{
    public static IEndpointRouteBuilder MapSignUp(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/signup", SignUpAsync).LimitBody(16 * 1024);
        routes.MapGet("/mails/{key:guid}", FindMailAsync);
        return routes;
    }

    /// <summary>Answers as soon as the job is committed; the mail goes out on its own time, and it does go out.</summary>
    private static async Task<IResult> SignUpAsync(SignUpForm form, IJobClient jobs, CancellationToken cancellationToken) =>
        JobResults.Accepted(await jobs.EnqueueAsync(
            new SendWelcome(form.Email, form.Name),
            // Two clicks on the button are one welcome: while the first is unfinished, the second gets its handle.
            new EnqueueOptions { UniqueKey = form.Email.ToLowerInvariant() },
            cancellationToken));

    private static async Task<Results<Ok<ArrivedMail>, NotFound>> FindMailAsync(Guid key, MailFolder folder,
        CancellationToken cancellationToken) =>
        await folder.FindAsync(key, cancellationToken) is { } mail ? TypedResults.Ok(mail) : TypedResults.NotFound();
}
