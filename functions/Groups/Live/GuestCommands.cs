using System.Text.Json;
using Parley.Apps;
using Parley.Connections.Guests;
using Parley.Connections.Invocations;
using Parley.Groups.Callbacks;
using Parley.Groups.Membership;
using Parley.Rest;

namespace Parley.Groups.Live;

/// <summary>
/// All that a guest can do: come into AVChatRooms and leave them.
/// <code>
/// connection.invoke('call', 'group_open_http_svc', 'apply_join_group', { "GroupId": "@TGS#aLIVE01" })
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "JoinedStatus": "JoinedSuccess" }
/// </code>
/// </summary>
/// <remarks>Errors: 60004 any other command, or the app allows no guests any more; 60010 another account is named; else those of the commands themselves. Ours.</remarks>
public sealed partial class GuestCommands(AppDirectory apps, GroupStore groups, LiveAttendance attendance, LiveRoomsOfListeners listeners, ILogger<GuestCommands> logger)
    : IGuestWatcher
{
    private const string Join = "apply_join_group";
    private const string Quit = "quit_group";

    public async Task<byte[]> RunAsync(GuestKey guest, InvokedCommand command, CancellationToken cancellation)
    {
        try
        {
            return await FindErrorAsync(guest, command, cancellation) is { } error ? JsonSerializer.SerializeToUtf8Bytes(Envelope.Failure(error), ParleyJson.Wire.Envelope)
                : command.Command == Join ? JsonSerializer.SerializeToUtf8Bytes(new ApplyToJoinResponse { JoinedStatus = ApplyToJoin.Joined }, ParleyJson.Wire.ApplyToJoinResponse)
                : JsonSerializer.SerializeToUtf8Bytes(Envelope.Ok, ParleyJson.Wire.Envelope);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            CommandFailed(logger, command.Command, e);
            return JsonSerializer.SerializeToUtf8Bytes(Envelope.Failure(ApiError.GroupInternal), ParleyJson.Wire.Envelope);
        }
    }

    public Task DisconnectedAsync(GuestKey guest, CancellationToken cancellation) => listeners.DisconnectedAsync(guest, cancellation);

    private async Task<ApiError?> FindErrorAsync(GuestKey guest, InvokedCommand command, CancellationToken cancellation)
    {
        if (command is not { Service: GroupServices.Service, Command: Join or Quit }
            || await apps.FindAsync(guest.SdkAppId, cancellation) is not { AllowsGuests: true, IsDisabled: false } app)
        {
            return ApiError.MissingCredentials;
        }

        using var json = command.Body is { } body ? JsonBody.TryParseObject(body) : null;
        if (json is null)
        {
            return command.Body is null ? ApiError.GroupMessageTooLarge : ApiError.GroupJson;
        }

        var fields = new FieldReader(json.RootElement);
        var (id, other) = (fields.GroupId(), fields.OptionalAccount("Member_Account", ApiError.GroupParameter));
        return fields.Error ?? (other is null ? await RunAsync(app, guest, command.Command, id, cancellation) : ApiError.AdminRequired.In("Member_Account"));
    }

    private async Task<ApiError?> RunAsync(App app, GuestKey guest, string command, string groupId, CancellationToken cancellation)
    {
        var (room, who) = (new GroupKey(app.SdkAppId, groupId), LiveListener.Of(guest));
        if (await groups.ReadHeadAsync(room, cancellation) is not { } head)
        {
            return ApiError.GroupNotFound;
        }

        if (!head.Traits.IsEntered)
        {
            return ApiError.GroupTypeNotSupported;
        }

        if (command == Join)
        {
            return await attendance.JoinAsync(CallbackCause.OfNobody(app), room, head, who, cancellation);
        }

        await attendance.LeaveAsync(room, head.Epoch, who, LeaveReason.Quit, CallbackCause.OfNobody(app));
        return null;
    }

    [LoggerMessage(EventId = 8020, Level = LogLevel.Error, Message = "{Command} of a guest failed")]
    private static partial void CommandFailed(ILogger logger, string command, Exception exception);
}
