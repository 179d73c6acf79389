using System.Buffers;
using System.Text.Json;
using MessagePack;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Parley.Tests.Invocations;

/// <summary>A completion as the official protocols read it.</summary>
internal sealed record Completion(string Id, string? Error, JsonElement? Result)
{
    public static readonly JsonHubProtocol Json = new();
    public static readonly MessagePackHubProtocol MessagePack = new();

    public int ErrorCode => Result!.Value.GetProperty("ErrorCode").GetInt32();

    /// <summary>Reads bytes that must be one completion and nothing else.</summary>
    public static Completion Read(IHubProtocol protocol, byte[] frame)
    {
        var rest = new ReadOnlySequence<byte>(frame);
        Assert.True(protocol.TryParseMessage(ref rest, new Binder(protocol == Json ? typeof(JsonElement) : typeof(RawResult)), out var message));
        Assert.Equal(0, rest.Length);
        var completion = Assert.IsType<CompletionMessage>(message);
        return new Completion(completion.InvocationId!, completion.Error, completion.Result switch
        {
            JsonElement json => json,
            RawResult raw => JsonElement.Parse(MessagePackSerializer.ConvertToJson(raw.RawSerializedData)),
            _ => null,
        });
    }

    private sealed class Binder(Type result) : IInvocationBinder
    {
        public Type GetReturnType(string invocationId) => result;

        public IReadOnlyList<Type> GetParameterTypes(string methodName) => [];

        public Type GetStreamItemType(string streamId) => result;
    }
}
