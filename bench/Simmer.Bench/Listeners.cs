using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Simmer.Diagnostics;

namespace Simmer.Bench;

/// <summary>Listeners to spans, metrics and the log that do as little as possible, so that the cost that is measured is Simmer's.</summary>
internal static class Listeners
{
    public static ActivityListener ToActivities()
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = static s => s.Name == Telemetry.Name,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    public static MeterListener ToMetrics()
    {
        var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Meter.Name == Telemetry.Name)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>(static (_, _, _, _) => { });
        listener.SetMeasurementEventCallback<double>(static (_, _, _, _) => { });
        listener.Start();
        return listener;
    }

    public static void ToLogs(ILoggingBuilder logging) => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(new Sink());

    private sealed class Sink : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) => _ = formatter(state, exception);

        public void Dispose()
        {
        }
    }
}
