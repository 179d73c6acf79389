namespace Parley.Tests.Support;

/// <summary>What a request means to the Table service; <see cref="Other"/> for everything else, and for other servers.</summary>
public enum RequestKind
{
    Other,
    Table,
    Query,
    Get,
    Insert,
    Update,
    Delete,
    Batch,
}

/// <summary>A request that reached the proxy. Numbers count from 1 in order of arrival; the target is path and query as sent.</summary>
public sealed record ProxiedRequest(long Number, string Method, string Target, RequestKind Kind)
{
    public bool IsWrite => Kind is RequestKind.Insert or RequestKind.Update or RequestKind.Delete or RequestKind.Batch;

    /// <summary>Classifies by method and the last part of the path: <c>/account/$batch</c>, <c>/account/name(PartitionKey='..',RowKey='..')</c>, <c>/account/name()</c>.</summary>
    public static RequestKind KindOf(string method, string target)
    {
        var path = target.Split('?', 2)[0];
        var resource = path[(path.IndexOf('/', 1) + 1)..];
        if (resource.StartsWith("$batch", StringComparison.OrdinalIgnoreCase))
        {
            return RequestKind.Batch;
        }

        if (resource.StartsWith("Tables", StringComparison.Ordinal))
        {
            return RequestKind.Table;
        }

        var isEntity = resource.Contains("RowKey=", StringComparison.Ordinal);
        return method switch
        {
            "GET" => isEntity ? RequestKind.Get : RequestKind.Query,
            "POST" => RequestKind.Insert,
            "PUT" or "PATCH" or "MERGE" when isEntity => RequestKind.Update,
            "DELETE" when isEntity => RequestKind.Delete,
            _ => RequestKind.Other,
        };
    }
}
