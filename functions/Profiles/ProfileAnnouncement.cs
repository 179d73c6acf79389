using System.Text.Json;
using Parley.Delivery;
using Parley.Storage;

namespace Parley.Profiles;

/// <summary>
/// Tells friends what changed in a profile. The events are stored nowhere: thousands of transactions for one nickname would be too many, and would push
/// more important events out of the friends' timelines. Who is away sees the change with the next profile that it reads.
/// </summary>
public sealed partial class ProfileAnnouncement(IEnumerable<IProfileAudience> audiences, Outbox outbox, TimeProvider time, ILogger<ProfileAnnouncement> logger)
{
    // A change that 3,000 friends hear is spread over three seconds.
    private const int AtOnce = 100;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Tells them in the background; nobody waits for it.</summary>
    public void TellBeside(AccountKey account, ProfileContent changed) => _ = Task.Run(async () =>
    {
        try
        {
            var json = JsonSerializer.SerializeToUtf8Bytes(new FriendProfileEvent(account.Account, changed.ProfileItem, changed.TagList), ParleyJson.Wire.FriendProfileEvent);
            foreach (var audience in audiences)
            {
                await TellAsync(account, audience, json);
            }
        }
        catch (Exception e)
        {
            TellingFailed(logger, e);
        }
    });

    private async Task TellAsync(AccountKey account, IProfileAudience audience, byte[] json)
    {
        await foreach (var some in audience.OfAsync(account, CancellationToken.None))
        {
            foreach (var few in some.Chunk(AtOnce))
            {
                foreach (var hearer in few)
                {
                    await outbox.SendAsync(account with { Account = hearer }, json);
                }

                await Task.Delay(few.Length < AtOnce ? TimeSpan.Zero : Pause, time);
            }
        }
    }

    [LoggerMessage(EventId = 8301, Level = LogLevel.Warning, Message = "Friends could not be told of a changed profile; they see it with their next read")]
    private static partial void TellingFailed(ILogger logger, Exception exception);
}
