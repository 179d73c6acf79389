using System.Buffers.Text;
using Azure.Core;
using Parley.Telemetry;

namespace Parley.Storage;

/// <summary>What a request to Table Storage does, read from its address: <c>/accounts(PartitionKey='…',RowKey='…')</c>, <c>/accounts()?$filter=…</c>, <c>/$batch</c>.</summary>
internal readonly record struct StorageCall(string Table, string Operation)
{
    public const string Transaction = "transaction";
    public const string Query = "query";
    private const string Other = "other";

    public static StorageCall Of(Request request)
    {
        var path = request.Uri.Path ?? "";
        var name = path.Split('(')[0].Split('/')[^1];
        if (name == "$batch")
        {
            return new StorageCall(StorageWork.Current?.Table ?? Other, Transaction);
        }

        var isRow = path.Contains("RowKey=", StringComparison.Ordinal);
        return new StorageCall(TableNames.Tables.Contains(name) ? name : Other, request.Method.Method switch
        {
            "GET" => isRow ? "get" : Query,
            "POST" => "insert",
            "DELETE" => "delete",
            _ => "update",
        });
    }

    /// <summary>How it ended.</summary>
    /// <remarks>A transaction is answered 202 whatever became of it; its answer's parts have statuses of their own, and one that failed has one part only.</remarks>
    public CallOutcome OutcomeOf(Azure.Response response)
    {
        var status = response.Status;
        if (Operation == Transaction && status == 202 && StatusOfPart(Body(response)) is { } inner)
        {
            // A row that is gone was taken away by somebody else.
            status = inner == 404 ? 409 : inner;
        }

        return CallOutcomes.Of(status);
    }

    /// <summary>How many rows an answer holds: each has a version, and no text within a row can look like that property.</summary>
    public static int RowsIn(Azure.Response response)
    {
        var body = Body(response);
        var rows = 0;
        while (body.IndexOf("\"odata.etag\":"u8) is var found and >= 0)
        {
            rows++;
            body = body[(found + 1)..];
        }

        return rows;
    }

    private static ReadOnlySpan<byte> Body(Azure.Response response) =>
        response.ContentStream is MemoryStream buffered && buffered.TryGetBuffer(out var bytes) ? bytes.AsSpan() : default;

    private static int? StatusOfPart(ReadOnlySpan<byte> body)
    {
        var line = "HTTP/1.1 "u8;
        return body.IndexOf(line) is var found and >= 0 && Utf8Parser.TryParse(body[(found + line.Length)..], out int status, out _) ? status : null;
    }
}
