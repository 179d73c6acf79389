namespace Parley.Apps;

/// <summary>The first app, so that a new deployment can be used at once. Section <c>Bootstrap</c>; the stored row rules once it exists.</summary>
public sealed class BootstrapOptions
{
    /// <summary>0 when there is none.</summary>
    public uint SdkAppId { get; set; }

    /// <summary>What the app's UserSigs are signed with.</summary>
    public string Secret { get; set; } = "";

    /// <summary>Administrator accounts, separated by commas.</summary>
    public string Admins { get; set; } = "administrator";

    public App? ToApp() => SdkAppId == 0 || Secret.Length == 0
        ? null
        : new App
        {
            SdkAppId = SdkAppId,
            Name = "First app",
            Secrets = [Secret],
            Admins = Admins.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
        };
}
