namespace Parley.Local.SignalRService.Protocol;

internal static class ClientProtocols
{
    public static readonly IReadOnlyList<IClientProtocol> All = [new JsonClientProtocol(), new MessagePackClientProtocol()];

    public static IClientProtocol? Find(string name) =>
        All.FirstOrDefault(protocol => protocol.Hub.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}
