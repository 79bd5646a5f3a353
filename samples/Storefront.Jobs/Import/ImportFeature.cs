using Microsoft.Extensions.DependencyInjection.Extensions;
using Simmer;

namespace Storefront.Import;

public static class ImportFeature
{
    /// <summary>Registers the jobs of the import and the services their handlers need. It knows nothing of HTTP, so a worker process calls
    /// it as well.</summary>
    public static SimmerBuilder AddImport(this SimmerBuilder simmer)
    {
        simmer.Services.TryAddSingleton<UploadFolder>();
        simmer.Services.TryAddSingleton<SampleFolder>();
        simmer.Services.TryAddSingleton<ImportStore>();
        simmer.Services.TryAddSingleton<BatchWriter>();
        simmer.Services.TryAddSingleton<Importer>();
        simmer.Services.TryAddSingleton<ImportStarter>();
        simmer.Services.AddHostedService<SweepUploads>();

        return simmer
            // SQLite takes one writer at a time, so more imports at once would only take turns; two let a small file pass a large one.
            .AddQueue("imports", queue => queue.Concurrency = 2)
            .AddJob<ImportProducts, ImportProductsHandler>()
            .AddJob<MakeSampleFile, MakeSampleFileHandler>();
    }
}
