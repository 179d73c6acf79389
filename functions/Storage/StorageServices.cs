using Microsoft.Extensions.Options;

namespace Parley.Storage;

public static class StorageServices
{
    public static IServiceCollection AddStorage(this IServiceCollection services)
    {
        services.AddOptions<StorageOptions>().BindConfiguration("Storage").ValidateOnStart();
        services.AddSingleton<IValidateOptions<StorageOptions>, StorageOptionsValidator>();
        return services.AddSingleton<StorageAccess>().AddSingleton<BlobReadLinks>().AddSingleton<TableStore>().AddSingleton<BlobStore>().AddSingleton<TableLayouts>().AddSingleton<LayoutMigrator>();
    }
}
