using System.Text.Json;

namespace Parley.Local.SignalRService.Protocol;

/// <summary>A message that the REST data plane sends to clients, encoded once for each protocol.</summary>
internal sealed class OutgoingMessage
{
    private readonly Dictionary<string, Frame> _frames;

    /// <exception cref="InvalidOperationException">A text in the arguments is no valid Unicode.</exception>
    public OutgoingMessage(string target, IReadOnlyList<JsonElement> arguments) =>
        _frames = ClientProtocols.All.ToDictionary(
            protocol => protocol.Hub.Name,
            protocol => new Frame(protocol.WriteInvocation(target, arguments), Counted: true));

    /// <param name="framesByProtocol">Ready frames by protocol name; clients of other protocols get nothing.</param>
    public OutgoingMessage(IEnumerable<KeyValuePair<string, byte[]>> framesByProtocol) =>
        _frames = framesByProtocol.ToDictionary(pair => pair.Key, pair => new Frame(pair.Value, Counted: true));

    public bool TryGetFrame(IClientProtocol protocol, out Frame frame) => _frames.TryGetValue(protocol.Hub.Name, out frame);
}
