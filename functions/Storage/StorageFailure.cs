using Azure;
using Azure.Data.Tables.Models;

namespace Parley.Storage;

/// <summary>What a failed transaction means for the changes in it.</summary>
internal enum StorageFailure
{
    /// <summary>Not committed: a row was not as assumed or remembered. Read again and run again.</summary>
    Conflict,

    /// <summary>Committed or not: nobody knows. Read everything and run again, a little later.</summary>
    Unknown,

    /// <summary>Not committed, and it never will be.</summary>
    Refused,
}

internal static class StorageFailures
{
    /// <summary>Whether an exception says that storage failed, and not the program.</summary>
    public static bool IsOfStorage(Exception exception) =>
        exception is RequestFailedException or IOException or HttpRequestException or OperationCanceledException or AggregateException;

    /// <summary>Sorts an exception of the table client.</summary>
    public static StorageFailure Classify(Exception exception) => exception switch
    {
        RequestFailedException { Status: 409 or 412 } => StorageFailure.Conflict,
        RequestFailedException { Status: 404 } missing =>
            missing.ErrorCode == TableErrorCode.TableNotFound ? StorageFailure.Refused : StorageFailure.Conflict,
        RequestFailedException { Status: 408 or 429 or 0 or >= 500 } => StorageFailure.Unknown,
        RequestFailedException => StorageFailure.Refused,
        IOException or HttpRequestException or OperationCanceledException or AggregateException => StorageFailure.Unknown,
        _ => StorageFailure.Refused,
    };
}
