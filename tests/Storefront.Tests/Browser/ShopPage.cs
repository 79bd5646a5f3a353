using Microsoft.Playwright;

namespace Storefront.Tests.Browser;

/// <summary>The page as its visitors see it.</summary>
public static class ShopPage
{
    public static Task OpenTabAsync(this IPage page, string name) =>
        page.GetByRole(AriaRole.Tab, new() { Name = name, Exact = true }).ClickAsync();

    /// <summary>A job's card in the strip.</summary>
    public static ILocator Job(this IPage page, string title) =>
        page.Locator("#jobs li", new() { Has = page.GetByText(title, new() { Exact = true }) });

    /// <summary>A step's box in the graph of a card.</summary>
    public static ILocator Step(this IPage page, string card, string name) => page.Locator($"#{card}-graph .box[aria-label^='{name},']");

    public static ILocator State(this ILocator job) => job.Locator(".state");

    /// <summary>Notes every value that the progress bars of the strip take from now on.</summary>
    public static Task WatchProgressAsync(this IPage page) => page.EvaluateAsync("""
        () => {
          window.progressSeen = [];
          new MutationObserver(() => {
            for (const bar of document.querySelectorAll('#jobs progress[value]')) {
              if (window.progressSeen.at(-1) !== bar.value) window.progressSeen.push(bar.value);
            }
          }).observe(document.querySelector('#jobs'), { subtree: true, attributes: true, attributeFilter: ['value'] });
        }
        """);

    public static async Task<double[]> ProgressSeenAsync(this IPage page) =>
        await page.EvaluateAsync<double[]>("() => window.progressSeen");

    /// <summary>Errors of the page's own code, which a test otherwise would not notice.</summary>
    public static List<string> Errors(this IPage page)
    {
        var errors = new List<string>();
        page.PageError += (_, error) => errors.Add(error);
        return errors;
    }
}
