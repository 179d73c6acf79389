using System.Security.Cryptography;
using System.Text;
using Parley.Rest;
using Parley.Tasks;

namespace Parley.Privacy;

/// <summary>
/// Starts deleting an account together with what it has left elsewhere: the content of its messages in the copies of others and in groups, and the like.
/// <code>
/// POST /v4/im_open_login_svc/erase_account
/// { "UserID": "jonas" }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "TaskId": "erasure-9f86d081884c7d65" }
/// </code>
/// </summary>
/// <remarks>
/// The account may have been deleted before; then the rest is erased. <c>openconfigsvr/get_task</c> tells how far it is and, as Counts, what was removed. A repeated call goes on with an
/// erasure that was given up. A command of our own, for the right to erasure (GDPR, article 17); docs/privacy.md tells what it covers.
/// Errors: 70402 no UserID, or an administrator's; 71000 the app does not allow accounts to be deleted.
/// </remarks>
public sealed class EraseAccount(TaskTable tasks) : ICommand<AccountRequest, StartTaskResponse>
{
    private const int NameBytes = 8;

    public async Task<Result<StartTaskResponse>> HandleAsync(Caller caller, AccountRequest request, CancellationToken cancellation)
    {
        if (!caller.App.AllowsAccountDeletion)
        {
            return ApiError.DeletionNotAllowed;
        }

        if (caller.App.IsAdmin(request.Account))
        {
            return ApiError.AccountParameter.In("An administrator cannot be deleted");
        }

        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(request.Account)), 0, NameBytes);
        var task = new StoredTask(caller.App.SdkAppId, $"erasure-{hash}", AccountErasure.Kind) { Parameters = request.Account, CreatedBy = caller.Account };
        return new StartTaskResponse { TaskId = (await tasks.StartAsync(task, cancellation)).Id };
    }
}
