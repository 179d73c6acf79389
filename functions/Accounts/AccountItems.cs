using Parley.Rest;

namespace Parley.Accounts;

/// <summary>Lists of accounts as requests write them: <c>[ { "UserID": "mia.k" }, … ]</c>, 1 to 100.</summary>
public static class AccountItems
{
    private const int MostAccounts = 100;

    /// <summary>Reads a list; 70402 when it is none, empty or too long, or an item has no UserID that is a text.</summary>
    public static IReadOnlyList<string> Read(FieldReader fields, string name)
    {
        var items = fields.Objects(name, ApiError.AccountParameter);
        if (items.Count is 0 or > MostAccounts)
        {
            fields.Fail(ApiError.AccountParameter.In(name));
            return [];
        }

        return [.. items.Select(item => item.Text("UserID", ApiError.AccountParameter))];
    }
}
