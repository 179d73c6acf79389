using Parley.Apps;
using Parley.Storage;

namespace Parley.Relationships;

/// <summary>Takes away requests that nobody answered in the app's time. Readers do not show them any more anyway.</summary>
public sealed class RequestExpiry(RelationReader reader, RelationWriter relations, TimeProvider time)
{
    /// <summary>Takes away all void requests of an account.</summary>
    /// <returns>How many accounts they were from or to.</returns>
    public async Task<int> DropVoidAsync(App app, AccountKey owner)
    {
        var list = await reader.ReadAsync(owner, RelationKind.Requests, CancellationToken.None);
        var now = time.GetUtcNow();
        var stale = list.Peers.Where(row => IsVoid(row.Relation.Asks) || IsVoid(row.Relation.AskedBy)).ToList();
        foreach (var row in stale)
        {
            await DropVoidAsync(app, owner, row.Peer);
        }

        return stale.Count;

        bool IsVoid(FriendRequest? request) => request?.IsVoid(now, TimeSpan.FromDays(app.FriendRequestDays)) == true;
    }

    /// <summary>Takes away void requests between two accounts.</summary>
    public Task DropVoidAsync(App app, AccountKey owner, string peer) => relations.ApplyAsync(app, owner.Account, peer, RelationOperations.DropVoidRequests());
}
