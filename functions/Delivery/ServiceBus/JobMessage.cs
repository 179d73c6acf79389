using System.Security.Cryptography;
using System.Text;
using Amqp;
using Amqp.Framing;
using Amqp.Types;

namespace Parley.Delivery.ServiceBus;

/// <summary>A job on its way to the broker, as an AMQP message.</summary>
/// <remarks>Source: the service's contract, mapping. The message id is the job's own, whatever is repeated, so that a queue that looks for duplicates finds them.</remarks>
internal sealed class JobMessage
{
    public const uint BatchFormat = 0x80013700;

    private const int LongestSession = 128;
    private static readonly Symbol ScheduledEnqueueTime = new("x-opt-scheduled-enqueue-time");

    private readonly string _id = Guid.NewGuid().ToString("N");
    private readonly byte[] _body;
    private readonly DateTimeOffset? _due;

    /// <param name="session">Null for a queue without sessions.</param>
    /// <param name="due">When it may be seen; null for at once.</param>
    public JobMessage(string json, string? session, DateTimeOffset? due)
    {
        (_body, Session, _due) = (Encoding.UTF8.GetBytes(json), session, due);
        Bytes = ToMessage().Encode().Length;
    }

    public string? Session { get; }

    public bool IsScheduled => _due is not null;

    /// <summary>Its size as it is sent.</summary>
    public int Bytes { get; }

    /// <summary>The name of a session, which may be long, in as many characters as the service allows.</summary>
    public static string SessionName(string session) =>
        session.Length <= LongestSession ? session : $"sha256-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(session)))}";

    public Message ToMessage()
    {
        var message = new Message
        {
            Header = new Header { Durable = true },
            Properties = new Properties { MessageId = _id, ContentType = "application/json" },
            BodySection = new Data { Binary = _body },
        };
        if (Session is not null)
        {
            message.Properties.GroupId = Session;
        }

        if (_due is { } due)
        {
            message.MessageAnnotations = new MessageAnnotations { [ScheduledEnqueueTime] = due.UtcDateTime };
        }

        return message;
    }

    /// <summary>Several of one session in one transfer, which the broker takes as a whole or not at all.</summary>
    public static Message ToBatch(IReadOnlyList<JobMessage> jobs)
    {
        var parts = new DataList();
        foreach (var job in jobs)
        {
            parts.Add(new Data { Buffer = job.ToMessage().Encode() });
        }

        var batch = new Message { Format = BatchFormat, Properties = new Properties { MessageId = jobs[0]._id }, BodySection = parts };
        if (jobs[0].Session is { } session)
        {
            batch.Properties.GroupId = session;
        }

        return batch;
    }
}
