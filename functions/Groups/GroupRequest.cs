using Parley.Rest;

namespace Parley.Groups;

/// <summary>A request that names a group and nothing else.</summary>
public sealed record GroupRequest(string GroupId) : IRequest<GroupRequest>
{
    public static GroupRequest Read(FieldReader fields) => new(fields.GroupId());
}

/// <summary>A request that names a group, or one of its topics, and nothing else.</summary>
public sealed record GroupOrTopicRequest(string GroupId) : IRequest<GroupOrTopicRequest>
{
    public static GroupOrTopicRequest Read(FieldReader fields) => new(fields.GroupOrTopic());
}
