using Microsoft.Playwright;
using Storefront.Tests.App;

namespace Storefront.Tests.Browser;

/// <summary>The drawing of workflows by itself: each test gives it a workflow and checks what it drew.</summary>
public sealed class GraphTests(RunningShop running, Chromium chromium)
{
    [Fact]
    public async Task AStepIsRightOfAllItsParentsAndWhatUndoesIsBelowWhatItUndoes()
    {
        var boxes = await DrawAsync("""
            {
              steps: [
                { number: 1, name: 'a', kind: 'k', state: 'succeeded' },
                { number: 2, name: 'b', kind: 'k', state: 'running', progress: { fraction: 0.5 } },
                { number: 3, name: 'c', kind: 'k', state: 'waiting' },
                { number: 4, name: 'b/undo', kind: 'u', state: 'waiting', role: 'undo' },
                { number: 5, name: 'end', kind: 'f', state: 'waiting', role: 'finally' },
              ],
              // c waits for a as well, but the way by b is longer.
              edges: [{ from: 1, to: 2 }, { from: 1, to: 3 }, { from: 2, to: 3 }, { from: 2, to: 4 }],
            }
            """);

        boxes["a"].X.ShouldBeLessThan(boxes["b"].X);
        boxes["b"].X.ShouldBeLessThan(boxes["c"].X);
        boxes["b/undo"].X.ShouldBe(boxes["b"].X);
        boxes["b/undo"].Y.ShouldBeGreaterThan(boxes["b"].Y);
        boxes["end"].Y.ShouldBe(boxes["b/undo"].Y);
        boxes["b"].Label.ShouldBe("b, running");
    }

    [Fact]
    public async Task ManyStepsOfOneKindSideBySideAreOneBoxThatCountsTheirStates()
    {
        var boxes = await DrawAsync("""
            {
              steps: [
                { number: 1, name: 'cut', kind: 'cut', state: 'succeeded' },
                ...Array.from({ length: 40 }, (_, i) => ({ number: i + 2, name: `part ${i}`, kind: 'part',
                  state: i < 25 ? 'succeeded' : i < 27 ? 'running' : 'ready' })),
                { number: 42, name: 'join', kind: 'join', state: 'waiting' },
              ],
              edges: Array.from({ length: 40 }, (_, i) => [{ from: 1, to: i + 2 }, { from: i + 2, to: 42 }]).flat(),
            }
            """);

        boxes.Keys.ShouldBe(["cut", "40 × part", "join"], ignoreOrder: true);
        boxes["40 × part"].Label.ShouldBe("40 × part, 2 running, 13 in the queue, 25 succeeded");
        boxes["40 × part"].X.ShouldBeInRange(boxes["cut"].X + 1, boxes["join"].X - 1);
    }

    [Fact]
    public async Task BranchesAreWrittenOnTheirEdges()
    {
        var page = await OpenAsync("""
            {
              steps: [{ number: 1, name: 'ask', kind: 'k', state: 'succeeded' }, { number: 2, name: 'do', kind: 'k', state: 'ready' },
                { number: 3, name: 'leave', kind: 'k', state: 'skipped' }],
              edges: [{ from: 1, to: 2, labels: ['yes', 'perhaps'] }, { from: 1, to: 3, labels: ['no'] }],
            }
            """);

        (await page.Locator("#drawn .edge text").AllTextContentsAsync()).ShouldBe(["yes, perhaps", "no"]);
        await page.CloseAsync();
    }

    private async Task<Dictionary<string, Box>> DrawAsync(string workflow)
    {
        var page = await OpenAsync(workflow);
        var boxes = await page.EvaluateAsync<Box[]>("""
            () => [...document.querySelectorAll('#drawn .box')].map(box => {
              const { x, y } = box.querySelector('.ground').getBoundingClientRect();
              return { label: box.getAttribute('aria-label'), x: Math.round(x), y: Math.round(y) };
            })
            """);
        await page.CloseAsync();
        return boxes.ToDictionary(box => box.Label.Split(',')[0]);
    }

    private async Task<IPage> OpenAsync(string workflow)
    {
        var page = await chromium.OpenAsync(running.Shop.Address);
        await page.EvaluateAsync($$"""
            async () => {
              const { drawGraph } = await import('/js/graph.js');
              const node = document.createElement('div');
              node.id = 'drawn';
              document.querySelector('main').prepend(node);
              drawGraph(node, {{workflow}});
            }
            """);
        return page;
    }

    private sealed class Box
    {
        public string Label { get; set; } = "";

        public double X { get; set; }

        public double Y { get; set; }
    }
}
