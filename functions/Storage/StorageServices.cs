using Microsoft.Extensions.Options;
using Parley.Storage.Shards;

namespace Parley.Storage;

public static class StorageServices
{
    public static IServiceCollection AddStorage(this IServiceCollection services)
    {
        services.AddOptions<StorageOptions>().BindConfiguration("Storage").ValidateOnStart();
        services.AddSingleton<IValidateOptions<StorageOptions>, StorageOptionsValidator>();
        return services.AddSingleton(ShardLease.Default).AddSingleton<StorageAccess>().AddSingleton<BlobReadLinks>().AddSingleton<TableStore>().AddSingleton<BlobStore>().AddSingleton<TableLayouts>().AddSingleton<LayoutMigrator>();
    }
}
