using Azure.Data.Tables;
using Parley.Rest;
using Parley.Storage;
using Parley.Tasks;

namespace Parley.Privacy;

/// <summary>
/// Starts collecting everything that is stored of one account, as JSON files.
/// <code>
/// POST /v4/im_open_login_svc/export_account
/// { "UserID": "jonas" }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "TaskId": "4f0c…" }
/// </code>
/// </summary>
/// <remarks>
/// <c>openconfigsvr/get_task</c> tells how far it is and where the files are. A command of our own, for the rights of access and portability (GDPR, articles 15 and 20).
/// Errors: 70402 no UserID, 70107 nothing is stored of such an account.
/// </remarks>
public sealed class ExportAccount(TaskTable tasks, TableStore tables) : ICommand<AccountRequest, StartTaskResponse>
{
    public async Task<Result<StartTaskResponse>> HandleAsync(Caller caller, AccountRequest request, CancellationToken cancellation)
    {
        var account = new AccountKey(caller.App.SdkAppId, request.Account);
        if (!await HasRowsAsync(account, cancellation))
        {
            return ApiError.AccountNotFound;
        }

        var task = new StoredTask(account.SdkAppId, TaskTable.NewId(), AccountExport.Kind) { Parameters = account.Account, CreatedBy = caller.Account };
        return new StartTaskResponse { TaskId = (await tasks.StartAsync(task, cancellation)).Id };
    }

    private async Task<bool> HasRowsAsync(AccountKey account, CancellationToken cancellation)
    {
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {account.PartitionKey}");
        await foreach (var row in tables.Accounts.QueryAsync<TableEntity>(account.PartitionKey, filter, 1, ["RowKey"], cancellation))
        {
            return true;
        }

        return false;
    }
}

/// <summary>Names an account in the way of the service's other commands.</summary>
public sealed record AccountRequest(string Account) : IRequest<AccountRequest>
{
    public static AccountRequest Read(FieldReader fields) => new(fields.Account("UserID", ApiError.AccountParameter));
}
