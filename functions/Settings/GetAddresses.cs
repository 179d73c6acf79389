using System.Text.Json.Serialization;
using Parley.Rest;

namespace Parley.Settings;

/// <summary>
/// Says from and to which addresses there is traffic, for firewalls: those that the operator has stated in the setting <c>Addresses</c>.
/// <code>
/// POST /v4/ConfigSvc/GetIPList?…&amp;nettype=6
/// {}
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "IPList": ["192.0.2.17", "198.51.100.0/25"] }
/// </code>
/// </summary>
/// <remarks>
/// A deployment has no addresses that the program could know, so the list is empty until somebody states some.
/// nettype, in the URL: 0 or absent all, each once; 1 native SDK in China, 2 outside; 3 web SDK in China, 4 outside; 5 callbacks from China, 6 from outside.
/// Errors: 60002 another nettype, 60003 bad JSON. Source: API reference, openim §16; which code a bad nettype has is our choice.
/// </remarks>
public sealed class GetAddresses : ICommand<GetAddressesRequest, AddressesResponse>
{
    public Task<Result<AddressesResponse>> HandleAsync(Caller caller, GetAddressesRequest request, CancellationToken cancellation)
    {
        var asked = request.Kind is { } kind ? [kind] : AddressesSetting.Kinds;
        var addresses = asked.SelectMany(name => caller.App.Addresses.GetValueOrDefault(name, [])).Distinct();
        return Task.FromResult<Result<AddressesResponse>>(new AddressesResponse { Addresses = [.. addresses] });
    }
}

/// <param name="Kind">What the addresses are for; null for all.</param>
public sealed record GetAddressesRequest(string? Kind) : IRequest<GetAddressesRequest>
{
    public static GetAddressesRequest Read(FieldReader fields)
    {
        var asked = fields.Parameter("nettype");
        var kind = asked is null or "" or "0" ? null : asked;
        if (kind is not null && !AddressesSetting.Kinds.Contains(kind))
        {
            fields.Fail(ApiError.UrlParameter.In("nettype"));
        }

        return new GetAddressesRequest(kind);
    }
}

public sealed record AddressesResponse : Envelope
{
    [JsonPropertyName("IPList")]
    public required IReadOnlyList<string> Addresses { get; init; }
}
