using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Telemetry;

/// <summary>An instance of the handler besides the first.</summary>
internal sealed class LabInstance(ApiClient api, string masterKey, Func<Task> end) : IAsyncDisposable
{
    public ApiClient Api => api;

    /// <summary>Has the host run the timer once, if that is not disabled.</summary>
    public async Task RunTimerAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/admin/functions/timer") { Content = new StringContent("{}") };
        request.Headers.Add("x-functions-key", masterKey);
        using var answer = await api.Http.SendAsync(request);
        answer.EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        await end();
        api.Dispose();
    }
}
