using Azure.Data.Tables;
using Parley.Apps;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Messages;

/// <summary>A reason why an account may not send a one-to-one message itself. Administrators are not asked for one.</summary>
/// <remarks>Register implementations as services of this type; <see cref="SendChecks"/> asks them in that order.</remarks>
public interface ISendCheck
{
    /// <summary>Null when nothing speaks against it.</summary>
    ValueTask<ApiError?> CheckAsync(App app, AccountKey from, AccountKey to, CancellationToken cancellation);
}

/// <summary>All checks; the first that objects is the answer.</summary>
public sealed class SendChecks(IEnumerable<ISendCheck> checks)
{
    private readonly ISendCheck[] _checks = [.. checks];

    public async ValueTask<ApiError?> CheckAsync(App app, AccountKey from, AccountKey to, CancellationToken cancellation)
    {
        foreach (var check in _checks)
        {
            if (await check.CheckAsync(app, from, to, cancellation) is { } objection)
            {
                return objection;
            }
        }

        return null;
    }
}

/// <summary>A reason why an account takes no one-to-one message from another one. Decided in the very transaction that would store it.</summary>
/// <remarks>Register implementations as services of this type; <see cref="ReceiverChecks"/> asks them in that order. They are asked where <see cref="OutgoingMessage.IsChecked"/>.</remarks>
public interface IReceiverCheck
{
    /// <summary>A pure function of the receiver's partition; null when nothing speaks against it.</summary>
    /// <param name="head">Head of the conversation; null when there is none yet.</param>
    ApiError? Check(App app, PartitionView receiver, TableEntity? head, string sender);
}

/// <summary>All checks of receivers; the first that objects is the answer.</summary>
public sealed class ReceiverChecks(IEnumerable<IReceiverCheck> checks)
{
    private readonly IReceiverCheck[] _checks = [.. checks];

    public ApiError? Check(App app, PartitionView receiver, TableEntity? head, string sender) =>
        _checks.Select(check => check.Check(app, receiver, head, sender)).FirstOrDefault(objection => objection is not null);
}
