using System.Runtime.InteropServices;
using Peers.Running;
using Spectre.Console;

namespace Peers.Reporting;

/// <summary>The table for people, the same in Markdown for a page, and what it was measured with.</summary>
internal static class Report
{
    private const string Legend =
        "enqueue: 64 callers, one job a call (web servers: 64 connections, a task with each request); drain: one worker process;\n"
        + "start: idle, from the call to the first line of the handler in another process (web servers: from the request, and after the "
            + "response from its last byte).";

    public static void Print(Result result)
    {
        // Piped into a file there is no width to respect.
        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = 240;
        }

        AnsiConsole.Write(TableOf(result));
        Console.WriteLine(Legend);
        Console.WriteLine();
        foreach (var line in Markdown(result))
        {
            Console.WriteLine(line);
        }
    }

    private static Table TableOf(Result result)
    {
        var table = new Table().Border(TableBorder.MinimalHeavyHead);
        foreach (var (index, header) in Lines.Headers.Index())
        {
            table.AddColumn(new TableColumn(header).Alignment(index < Lines.Words ? Justify.Left : Justify.Right));
        }

        foreach (var line in Lines.Of(result))
        {
            table.AddRow([.. line.Select(Markup.Escape)]);
        }

        return table;
    }

    private static IEnumerable<string> Markdown(Result result)
    {
        yield return Row(Lines.Headers);
        yield return Row(Lines.Headers.Select(static _ => "---"));
        foreach (var line in Lines.Of(result))
        {
            yield return Row(line);
        }

        yield return "";
        yield return $"- {Environment.ProcessorCount} processors, {RuntimeInformation.OSDescription}; {result.Plan.Rounds} round(s), "
            + "rates are medians of the rounds";
        foreach (var line in result.Servers)
        {
            yield return $"- {line}";
        }

        yield return $"- {Lines.Versions(result)}";
        foreach (var line in Lines.Settings(result))
        {
            yield return $"- {line}";
        }
    }

    private static string Row(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |";
}
