namespace Parley.Apps;

/// <summary>The first app, so that a new deployment can be used at once. Section <c>Bootstrap</c>; the stored row rules once it exists.</summary>
public sealed class BootstrapOptions
{
    /// <summary>What App Service gives in the place of a secret of the vault that it could not read.</summary>
    private const string UnreadReference = "@Microsoft.KeyVault(";

    /// <summary>0 when there is none.</summary>
    public uint SdkAppId { get; set; }

    /// <summary>What the app's UserSigs are signed with.</summary>
    public string Secret { get; set; } = "";

    /// <summary>Administrator accounts, separated by commas.</summary>
    public string Admins { get; set; } = "administrator";

    /// <summary>Null when there is none, or not yet: an address in the vault would be a secret that others can guess, and the app's for good.</summary>
    public App? ToApp() => SdkAppId == 0 || Secret.Length == 0 || Secret.StartsWith(UnreadReference, StringComparison.OrdinalIgnoreCase)
        ? null
        : new App
        {
            SdkAppId = SdkAppId,
            Name = "First app",
            Secrets = [Secret],
            Admins = Admins.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
        };
}
