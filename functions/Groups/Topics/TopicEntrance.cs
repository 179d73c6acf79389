namespace Parley.Groups.Topics;

/// <summary>Notes that a member has looked into topics which are older than its membership: from here on what is said there is unread for it.</summary>
public sealed class TopicEntrance(GroupStore groups)
{
    // Head and member of each, and the member of the community.
    private const int TopicsAtOnce = GroupStore.RowsAtOnce / 2;

    public async Task EnterAsync(GroupKey community, string account, IReadOnlyList<GroupKey> topics, CancellationToken cancellation)
    {
        foreach (var some in topics.Chunk(TopicsAtOnce))
        {
            await groups.ApplyAsync(community, group => Enter(group, account, some), cancellation);
        }
    }

    private static bool Enter(GroupPartition community, string account, GroupKey[] topics)
    {
        // All are looked at, so that all are read at once.
        var members = topics.Select(community.Topic).Select(topic => (Topic: topic, Member: topic.FindMember(account))).ToList();
        foreach (var (topic, member) in members)
        {
            if (member is { HasEntered: false })
            {
                topic.Put(member);
            }
        }

        return true;
    }
}
