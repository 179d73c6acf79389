using Azure.Data.Tables;

namespace Parley.Groups.Topics;

/// <summary>Which topics a community has, by their own names in the order of their creation: row <c>t</c> of the community.</summary>
public sealed record TopicList(IReadOnlyList<string> Names)
{
    public const string RowKey = "t";

    /// <summary>Source: API reference, groups §1.</summary>
    public const int MostTopics = 200;

    // Names are printable.
    private const char Separator = '\n';

    /// <summary>A topic's own name, behind that of its community.</summary>
    public static string NameOf(GroupKey topic) => topic.GroupId[(topic.Group.GroupId.Length + GroupKey.TopicMark.Length)..];

    public static TopicList Of(GroupPartition community) => FromRow(community.Rows.Get(RowKey));

    public static async Task<TopicList> ReadAsync(GroupStore groups, GroupKey community, CancellationToken cancellation) =>
        FromRow(await groups.ReadAsync(community, RowKey, cancellation));

    public void WriteTo(GroupPartition community) => community.Rows.Put(new TableEntity { RowKey = RowKey, ["Topics"] = string.Join(Separator, Names) });

    private static TopicList FromRow(TableEntity? row) => new((row?.GetString("Topics") ?? "").Split(Separator, StringSplitOptions.RemoveEmptyEntries));
}
