using Microsoft.Net.Http.Headers;

namespace Parley.Local.FunctionsHost;

/// <summary>CORS for any origin, as a site with allowedOrigins <c>["*"]</c>: preflights are answered here and never reach a function.</summary>
/// <remarks>On Azure this is siteConfig.cors, in front of the host. The site's headers replace those that a handler sets.</remarks>
internal static class CrossOrigin
{
    private const string MaxAgeSeconds = "7200";

    public static Task Apply(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        if (request.Headers.Origin.Count == 0)
        {
            return next(context);
        }

        if (HttpMethods.IsOptions(request.Method) && request.Headers.AccessControlRequestMethod.Count > 0)
        {
            return AnswerPreflight(context);
        }

        context.Response.OnStarting(static response =>
        {
            ((HttpResponse)response).Headers.AccessControlAllowOrigin = "*";
            return Task.CompletedTask;
        }, context.Response);
        return next(context);
    }

    private static Task AnswerPreflight(HttpContext context)
    {
        var (asked, answer) = (context.Request.Headers, context.Response.Headers);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        answer.AccessControlAllowOrigin = "*";
        answer.AccessControlAllowMethods = asked.AccessControlRequestMethod;
        answer.AccessControlMaxAge = MaxAgeSeconds;
        if (asked.AccessControlRequestHeaders.Count > 0)
        {
            answer.AccessControlAllowHeaders = asked.AccessControlRequestHeaders;
        }

        answer.Append(HeaderNames.Vary, HeaderNames.AccessControlRequestHeaders);
        return Task.CompletedTask;
    }
}
