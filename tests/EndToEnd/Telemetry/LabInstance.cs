using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Telemetry;

/// <summary>An instance of the handler besides the first.</summary>
internal sealed class LabInstance(ApiClient api, Func<Task> end) : IAsyncDisposable
{
    public ApiClient Api => api;

    public async ValueTask DisposeAsync()
    {
        await end();
        api.Dispose();
    }
}
