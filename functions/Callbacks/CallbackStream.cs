using System.Globalization;
using Parley.Storage;

namespace Parley.Callbacks;

/// <summary>The callbacks that wait in one partition, in the order in which their events were committed; they are sent one after the other.</summary>
public readonly record struct CallbackStream(string Table, string PartitionKey)
{
    /// <summary>Row keys of callbacks begin with this, and those of no other rows.</summary>
    public const string Prefix = "w";

    /// <summary>Row that counts the callbacks: LastSeq, and Recent, by which an appending is recognised that was committed just now.</summary>
    public const string CounterRow = "w";

    /// <summary>Row that says how far they were sent: <see cref="CallbackProgress"/>. Not the counter, so that sending and appending do not meet.</summary>
    public const string ProgressRow = "w!";

    /// <summary>Prefix of the callbacks; their number follows.</summary>
    public const string RowPrefix = "w|";

    /// <summary>Above the row keys of all callbacks.</summary>
    public const string RowEnd = "w}";

    public static CallbackStream Of(AccountKey account) => new(TableNames.Accounts, account.PartitionKey);

    public static string RowKey(long number) => RowPrefix + KeyText.Sequence(number);

    public static long NumberOf(string rowKey) => long.Parse(rowKey.AsSpan(RowPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture);
}
