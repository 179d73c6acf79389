using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Parley.Rest;

/// <summary>Every command, by service and name; both are case-sensitive.</summary>
public sealed class CommandRegistry(IServiceProvider services)
{
    private readonly Dictionary<(string Service, string Name), RegisteredCommand> _commands = [];

    /// <summary>Registers a command.</summary>
    /// <param name="json">How its response is written.</param>
    public CommandRegistry Map<TCommand, TRequest, TResponse>(string service, string name, Callers callers, JsonTypeInfo<TResponse> json)
        where TCommand : class, ICommand<TRequest, TResponse>
        where TRequest : IRequest<TRequest>
        where TResponse : Envelope
    {
        _commands.Add((service, name), new RegisteredCommand(callers, ServiceErrors.Of(service), async (caller, fields, cancellation) =>
        {
            var request = TRequest.Read(fields);
            if (fields.Error is { } wrong)
            {
                return wrong;
            }

            var result = await services.GetRequiredService<TCommand>().HandleAsync(caller, request, cancellation);
            return result.TryGet(out var response, out var error) ? new CommandAnswer(JsonSerializer.SerializeToUtf8Bytes(response, json), response.ErrorCode) : error;
        }));
        return this;
    }

    /// <summary>All of them, each as service and name with a slash between.</summary>
    public IEnumerable<string> Names => _commands.Keys.Select(key => $"{key.Service}/{key.Name}");

    public bool TryFind(string service, string name, [MaybeNullWhen(false)] out RegisteredCommand command) =>
        _commands.TryGetValue((service, name), out command);
}

/// <summary>A command as the dispatcher sees it: from the fields of a request to the bytes of a response.</summary>
public sealed record RegisteredCommand(
    Callers Callers, ServiceErrors Errors, Func<Caller, FieldReader, CancellationToken, Task<Result<CommandAnswer>>> RunAsync);

/// <summary>A command's answer.</summary>
/// <param name="Json">All of it, as the caller gets it.</param>
/// <param name="Code">Its ErrorCode.</param>
public readonly record struct CommandAnswer(byte[] Json, int Code);

/// <summary>The codes that a service has of its own for what can go wrong with any command.</summary>
/// <remarks>Source: API reference, errors §11.</remarks>
public sealed record ServiceErrors(ApiError BadJson, ApiError TooLarge, ApiError Internal)
{
    private static readonly ServiceErrors Messages = new(ApiError.MessageJson, ApiError.MessageTooLarge, ApiError.MessageInternal);
    private static readonly ServiceErrors Accounts = new(ApiError.AccountParameter, ApiError.AccountParameter, ApiError.AccountInternal);
    private static readonly ServiceErrors Configuration = new(ApiError.ConfigJson, ApiError.ConfigJson, ApiError.ConfigInternal);
    private static readonly ServiceErrors Groups = new(ApiError.GroupJson, ApiError.GroupMessageTooLarge, ApiError.GroupInternal);
    private static readonly ServiceErrors Extensions = new(ApiError.BodyJson, ApiError.ExtensionParameter, ApiError.ExtensionInternal);

    private static readonly ServiceErrors Access = new(ApiError.BodyJson, ApiError.BodyJson, ApiError.AccessInternal);

    private static readonly ServiceErrors DirtyWords = new(ApiError.BodyJson, ApiError.DirtyWordsParameter, ApiError.DirtyWordsInternal);

    private static readonly ServiceErrors History = new(ApiError.HistoryParameter, ApiError.HistoryParameter, ApiError.HistoryInternal);

    private static readonly ServiceErrors Conversations =
        new(ApiError.ConversationParameter, ApiError.ConversationParameter, ApiError.ConversationInternal) { HasDisplay = true };

    private static readonly ServiceErrors Profiles =
        new(ApiError.ProfileParameter, ApiError.ProfileParameter, ApiError.ProfileInternal) { HasDisplay = true };

    private static readonly ServiceErrors Relations =
        new(ApiError.RelationParameter, ApiError.RelationParameter, ApiError.RelationInternal) { HasDisplay = true };

    /// <summary>Whether the service's answers have the field ErrorDisplay.</summary>
    public bool HasDisplay { get; private init; }

    public static ServiceErrors Of(string service) => service switch
    {
        "openim" => Messages,
        "im_open_login_svc" or "registration_service" => Accounts,
        "openconfigsvr" => Configuration,
        "openim_msg_ext_http_svc" => Extensions,
        "recentcontact" => Conversations,
        "group_open_http_svc" or "million_group_open_http_svc" or "group_open_avchatroom_http_svc" or "group_open_attr_http_svc" => Groups,
        "profile" => Profiles,
        "ConfigSvc" => Access,
        "openim_dirty_words" => DirtyWords,
        "open_msg_svc" => History,
        "sns" => Relations,
        _ => throw new ArgumentException($"The service {service} has no error codes yet.", nameof(service)),
    };
}
