using System.Collections.Concurrent;
using Parley.Apps;
using Parley.Rest;

namespace Parley.Connections.Guests;

/// <summary>Decides whether a guest may connect: the app must allow guests, and each instance admits so many a second of each app, since guests prove nothing.</summary>
public sealed class GuestAdmission(TimeProvider time)
{
    /// <summary>Of one app, on one instance.</summary>
    public const int MostPerSecond = 100;

    private readonly ConcurrentDictionary<uint, (long Second, int Count)> _admitted = new();

    /// <summary>Null when the guest may connect; 60004 where guests are not allowed, 60011 when there are too many.</summary>
    public ApiError? Refuse(App app)
    {
        if (!app.AllowsGuests)
        {
            return ApiError.MissingCredentials;
        }

        var second = time.GetUtcNow().ToUnixTimeSeconds();
        var (_, count) = _admitted.AddOrUpdate(app.SdkAppId, (second, 1), (_, known) => known.Second == second ? (second, known.Count + 1) : (second, 1));
        return count > MostPerSecond ? ApiError.TooManyGuests : null;
    }
}
