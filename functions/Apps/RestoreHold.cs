namespace Parley.Apps;

/// <summary>Which restore has a closed app to itself.</summary>
/// <param name="Id">That restore.</param>
/// <param name="WrittenBy">The restore whose rows are in the place of the app's, all or some of them; null while the app is as it was when it was open.</param>
public sealed record RestoreHold(string Id, string? WrittenBy);
