using Parley.Activities;
using Parley.Groups;
using Parley.Groups.Messages;
using Parley.Storage;

namespace Parley.History;

/// <summary>Finds the messages of a group of an hour. Tips and notices of the system are none.</summary>
internal sealed class GroupHistory(GroupStore groups)
{
    /// <summary>Adds what a group has to a file.</summary>
    public async Task AddAsync(HistoryFileWriter file, ActiveHour hour, string owner, CancellationToken cancellation)
    {
        var key = new GroupKey(hour.SdkAppId, KeyText.Unescape(owner));
        await foreach (var row in groups.QueryAsync(key, "m|", "m}", hour.Hour.Start, hour.Hour.End, cancellation))
        {
            var message = GroupMessage.FromRow(row);
            if (message is not { IsTip: false, IsRecalled: false, IsDeleted: false, From.Length: > 0 })
            {
                continue;
            }

            file.Add(json =>
            {
                json.WriteString("From_Account", message.From);
                json.WriteString("GroupId", key.Group.GroupId);
                if (key.TopicId is { } topic)
                {
                    json.WriteString("TopicId", topic);
                }

                json.WriteNumber("MsgTimestamp", message.Time);
                json.WriteNumber("MsgSeq", message.Seq);
                C2CHistory.WriteContent(json, message.Content);
            });
        }
    }
}
