using System.Collections.Concurrent;
using Parley.Profiles;

namespace Parley.Groups.Live;

/// <summary>What lists of people in live rooms show of an account.</summary>
public sealed record LiveProfile(string NickName, string Avatar);

/// <summary>Nicknames and portraits for lists that are asked for again and again: read from the accounts' profiles, and remembered for a minute.</summary>
public sealed class LiveProfiles(ProfileTable profiles, TimeProvider time)
{
    private const int MostRemembered = 20_000;

    private static readonly LiveProfile Unknown = new("", "");
    private static readonly TimeSpan Freshness = TimeSpan.FromMinutes(1);
    private static readonly ProfileTag Nick = ProfileTags.Standard.First(tag => tag.Column == "Nick");
    private static readonly ProfileTag Face = ProfileTags.Standard.First(tag => tag.Column == "FaceUrl");

    private readonly ConcurrentDictionary<(uint, string), (LiveProfile Profile, long AsOf)> _known = new();

    /// <summary>The profiles of accounts; texts that are not set, and all of those that do not exist, are empty.</summary>
    public async Task<IReadOnlyDictionary<string, LiveProfile>> FindAsync(uint app, IReadOnlyCollection<string> accounts, CancellationToken cancellation)
    {
        var missing = accounts.Where(account => Peek(app, account) is null).ToList();
        if (_known.Count + missing.Count > MostRemembered)
        {
            _known.Clear();
            missing = [.. accounts];
        }

        var asOf = time.GetTimestamp();
        foreach (var (account, values) in await profiles.ReadAsync(app, missing, [Nick, Face], cancellation))
        {
            _known[(app, account)] = (values is null ? Unknown : new LiveProfile(TextOf(values, Nick), TextOf(values, Face)), asOf);
        }

        return accounts.Distinct().ToDictionary(account => account, account => _known.GetValueOrDefault((app, account)).Profile ?? Unknown);
    }

    private LiveProfile? Peek(uint app, string account) =>
        _known.TryGetValue((app, account), out var known) && time.GetElapsedTime(known.AsOf) < Freshness ? known.Profile : null;

    private static string TextOf(IReadOnlyList<TagValue> values, ProfileTag tag)
    {
        if (values.FirstOrDefault(value => value.Tag == tag.Name) is not { } found)
        {
            return "";
        }

        using var json = System.Text.Json.JsonDocument.Parse(found.Value.Text);
        return json.RootElement.GetString() ?? "";
    }
}
