using Parley.Rest;

namespace Parley.Logins;

/// <summary>An account and an identity, as binding and unbinding take them.</summary>
public sealed record IdentityRequest(string Account, string Provider, string Subject) : IRequest<IdentityRequest>
{
    public static IdentityRequest Read(FieldReader fields)
    {
        var request = new IdentityRequest(
            fields.Account("UserID", ApiError.AccountParameter),
            fields.Text("Provider", ApiError.AccountParameter),
            fields.Text("Subject", ApiError.AccountParameter));
        if (!LoginIdentity.IsProvider(request.Provider))
        {
            fields.Fail(ApiError.AccountParameter.In("Provider"));
        }

        if (!LoginIdentity.IsSubject(request.Subject))
        {
            fields.Fail(ApiError.AccountParameter.In("Subject"));
        }

        return request;
    }
}
