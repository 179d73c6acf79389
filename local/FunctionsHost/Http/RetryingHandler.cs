namespace Parley.Local.FunctionsHost;

/// <summary>Repeats a request whose connection failed: ten attempts, 50 ms apart at first and 250 ms at last.</summary>
/// <remarks>
/// Between attempts it waits for the handler if that is being started again, and follows it to its new port. A request whose body may be
/// half read cannot be repeated; one without a body is, so a handler may see it twice, as on the real host.
/// Source: custom handler contract, section 3a.
/// </remarks>
internal sealed partial class RetryingHandler(HttpMessageHandler inner, HandlerSupervisor handler, ILogger logger) : DelegatingHandler(inner)
{
    private const int Attempts = 10;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMilliseconds(250);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var delay = FirstDelay;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await base.SendAsync(request, cancellationToken);
            }
            catch (HttpRequestException e) when (attempt < Attempts && CanRepeat(request, e))
            {
                Retrying(logger, attempt, Attempts, e.Message);
            }

            await Task.Delay(delay, cancellationToken);
            delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
            var process = await handler.WhenReadyAsync(cancellationToken);
            request.RequestUri = new UriBuilder(request.RequestUri!) { Port = process.Address.Port }.Uri;
        }
    }

    private static bool CanRepeat(HttpRequestMessage request, HttpRequestException failure) =>
        request.Content is null || failure.HttpRequestError == HttpRequestError.ConnectionError;

    [LoggerMessage(EventId = 9171, Level = LogLevel.Warning, Message = "The handler could not be reached, attempt {Attempt} of {Attempts}: {Reason}")]
    private static partial void Retrying(ILogger logger, int attempt, int attempts, string reason);
}
