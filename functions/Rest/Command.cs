using Parley.Apps;

namespace Parley.Rest;

/// <summary>Who may call a command.</summary>
public enum Callers
{
    /// <summary>Administrators of the app.</summary>
    Admins,

    /// <summary>Administrators, and every account as itself; the command refuses to act for others.</summary>
    Everyone,
}

/// <summary>Who makes a request: an account of an app, proven by its UserSig, now or when its connection was opened.</summary>
public sealed record Caller(App App, string Account)
{
    /// <summary>The UserSig that came with the request; null where a connection proves the account.</summary>
    public UserSig? Sig { get; init; }

    /// <summary>When the UserSig was made, in Unix seconds.</summary>
    public long SignedAt { get; init; }

    /// <summary>From where, as callbacks tell it.</summary>
    public CallOrigin Origin { get; init; } = CallOrigin.Unknown;

    public bool IsAdmin => App.IsAdmin(Account);

    /// <summary>Whether the caller may do something in an account's name: as itself, and as an administrator.</summary>
    public bool MayActAs(string account) => account == Account || IsAdmin;

    /// <summary>Why the caller may not do something in an account's name; null when it may, or names none.</summary>
    /// <param name="field">The one that names the account.</param>
    public ApiError? RefuseAs(string? account, string field) => account is null || MayActAs(account) ? null : ApiError.AdminRequired.In(field);

    /// <summary>Who did it, as members are told; empty for an administrator.</summary>
    public string Doer => IsAdmin ? "" : Account;
}

/// <summary>The fields of a request, read from its JSON body.</summary>
public interface IRequest<out TSelf>
{
    /// <summary>Reads the fields; what is wrong with them is kept by the reader and answered before the command runs.</summary>
    static abstract TSelf Read(FieldReader fields);
}

/// <summary>One command of the API.</summary>
public interface ICommand<in TRequest, TResponse>
    where TResponse : Envelope
{
    Task<Result<TResponse>> HandleAsync(Caller caller, TRequest request, CancellationToken cancellation);
}
