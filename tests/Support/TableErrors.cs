using System.Text;
using Microsoft.AspNetCore.Http;

namespace Parley.Tests.Support;

/// <summary>Writes error answers in the form of the Table service.</summary>
/// <remarks>
/// Source: Table service error codes, and "Performing entity group transactions": a failed condition inside a batch is a 202
/// whose multipart body holds the failing operation's answer, its message beginning with the operation's index.
/// </remarks>
internal static class TableErrors
{
    public static Task WriteAsync(HttpContext context, ProxiedRequest request, int status)
    {
        var code = CodeOf(status);
        return request.Kind == RequestKind.Batch && status is 409 or 412
            ? WriteBatchAsync(context.Response, status, code)
            : WriteSingleAsync(context.Response, status, code);
    }

    private static string CodeOf(int status) => status switch
    {
        409 => "EntityAlreadyExists",
        412 => "UpdateConditionNotSatisfied",
        429 => "TooManyRequests",
        500 => "OperationTimedOut",
        503 => "ServerBusy",
        _ => "InternalError",
    };

    private static Task WriteSingleAsync(HttpResponse response, int status, string code)
    {
        response.StatusCode = status;
        response.ContentType = "application/json;odata=minimalmetadata";
        response.Headers["x-ms-error-code"] = code;
        return response.WriteAsync(Body(code, ""));
    }

    private static Task WriteBatchAsync(HttpResponse response, int status, string code)
    {
        var boundary = $"batchresponse_{Guid.NewGuid()}";
        var changes = $"changesetresponse_{Guid.NewGuid()}";
        var reason = status == 409 ? "Conflict" : "Precondition Failed";
        string[] lines =
        [
            $"--{boundary}", $"Content-Type: multipart/mixed; boundary={changes}", "",
            $"--{changes}", "Content-Type: application/http", "Content-Transfer-Encoding: binary", "",
            $"HTTP/1.1 {status} {reason}", "X-Content-Type-Options: nosniff", "Cache-Control: no-cache", "DataServiceVersion: 3.0;",
            "Content-Type: application/json;odata=minimalmetadata;streaming=true;charset=utf-8", "",
            Body(code, "0:"), $"--{changes}--", $"--{boundary}--", "",
        ];
        response.StatusCode = 202;
        response.ContentType = $"multipart/mixed; boundary={boundary}";
        return response.Body.WriteAsync(Encoding.UTF8.GetBytes(string.Join("\r\n", lines))).AsTask();
    }

    private static string Body(string code, string prefix) =>
        $$$"""{"odata.error":{"code":"{{{code}}}","message":{"lang":"en-US","value":"{{{prefix}}}{{{code}}}, injected by the test." } } }""";
}
