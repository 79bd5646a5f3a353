using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Simmer;
using Storefront.Shared;

namespace Storefront.SignUp;

public static class SignUpFeature
{
    /// <summary>Registers the jobs of the sign-up and the services their handlers need. It knows nothing of HTTP, so a worker process calls
    /// it as well.</summary>
    public static SimmerBuilder AddSignUp(this SimmerBuilder simmer)
    {
        simmer.Services.TryAddSingleton<MailFolder>();
        simmer.Services.TryAddSingleton<SmtpMailer>();
        simmer.Services.TryAddSingleton<IMailer>(services =>
            services.GetRequiredService<IOptions<StorefrontOptions>>().Value.Mail.SmtpHost is { Length: > 0 }
                ? services.GetRequiredService<SmtpMailer>()
                : services.GetRequiredService<MailFolder>());

        return simmer
            .AddQueue("mail", queue => queue.Concurrency = 16)
            .AddJob<SendWelcome, SendWelcomeHandler>();
    }
}
