namespace Parley.Apps;

/// <summary>Which restore has a closed app to itself.</summary>
/// <param name="Id">That restore.</param>
/// <param name="Until">When it may be taken for dead if nothing was heard of it since: until then no other one may begin.</param>
/// <param name="WrittenBy">The restore whose rows are in the place of the app's, all or some of them; null while the app is as it was when it was open.</param>
public sealed record RestoreHold(string Id, DateTimeOffset Until, string? WrittenBy);
