using System.Collections.Concurrent;
using CsCheck;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

/// <summary>
/// Random accounts send, repeat in parallel, recall, modify, read, acknowledge and delete, each from two devices whose frames are lost,
/// doubled and shuffled. In the end every device shows what the model says, and the same as the account's other device.
/// </summary>
public sealed class DeviceSyncProperties(LocalEnvironmentFixture fixture)
{
    private const int Accounts = 3;
    private const int DevicesEach = 2;

    private enum Operation
    {
        Send,
        SendAgain,
        Recall,
        Modify,
        Read,
        ReadUpTo,
        Receipt,
        Delete,
        Sync,
    }

    private sealed record Step(Operation Operation, int Actor, int Other, int Choice);

    private static Gen<Step> Steps =>
        from operation in Gen.Frequency(
            (8, Gen.Const(Operation.Send)), (3, Gen.Const(Operation.SendAgain)), (2, Gen.Const(Operation.Recall)), (2, Gen.Const(Operation.Modify)),
            (1, Gen.Const(Operation.Read)), (2, Gen.Const(Operation.ReadUpTo)), (1, Gen.Const(Operation.Receipt)), (1, Gen.Const(Operation.Delete)),
            (1, Gen.Const(Operation.Sync)))
        from actor in Gen.Int[0, Accounts - 1]
        from other in Gen.Int[1, Accounts - 1]
        from choice in Gen.Int[0, int.MaxValue]
        select new Step(operation, actor, (actor + other) % Accounts, choice);

    /// <summary>Rounds of steps that are taken at the same time.</summary>
    private static Gen<Step[][]> Scenarios => Steps.Array[1, 6].Array[4, 14];

    [Fact]
    public async Task Every_device_ends_with_what_the_model_says()
    {
        var environment = await fixture.StartedAsync();
        await Scenarios.SampleAsync(rounds => PlayAsync(environment, rounds), iter: 25, threads: 1);
    }

    private static async Task PlayAsync(LocalEnvironment environment, Step[][] rounds)
    {
        var accounts = Enumerable.Range(0, Accounts).Select(_ => environment.NewAccount("peer")).ToArray();
        await environment.Api.ImportAsync(accounts);
        var play = new Play(environment, accounts);
        var devices = await Task.WhenAll(accounts.SelectMany(account => Enumerable.Range(0, DevicesEach).Select(async n =>
            new Device(environment.Api, account, await environment.ConnectAsync(account), new Random(rounds.Length + n)))));
        try
        {
            foreach (var round in rounds)
            {
                var before = await play.UnreadAsync();
                var sent = play.Sent.Count;
                await Task.WhenAll(round.Select(step => play.TakeAsync(step)));
                play.CheckUnread(before, await play.UnreadAsync(), sent);
                foreach (var device in devices)
                {
                    device.Hear();
                }

                foreach (var step in round.Where(step => step.Operation == Operation.Sync))
                {
                    await devices[(step.Actor * DevicesEach) + (step.Choice % DevicesEach)].SyncAsync();
                }
            }

            foreach (var device in devices)
            {
                play.Check(device, await device.SyncAsync());
            }
        }
        finally
        {
            foreach (var device in devices)
            {
                await device.DisposeAsync();
            }
        }
    }

    private sealed record SentMessage(string From, string To, string Key, string Text)
    {
        /// <summary>What the message may say by now.</summary>
        public ConcurrentBag<string> Texts { get; } = [Text];

        public bool IsRecalled { get; set; }

        public bool IsAcknowledged { get; set; }

        public ConcurrentDictionary<string, bool> DeletedBy { get; } = [];

        public bool IsOf(string owner, string peer) => (From == owner && To == peer) || (From == peer && To == owner);
    }

    /// <summary>The calls of one scenario, and the model of what they have done.</summary>
    private sealed class Play(LocalEnvironment environment, string[] accounts)
    {
        private int _numbers;

        public ConcurrentQueue<SentMessage> Sent { get; } = [];

        public async Task TakeAsync(Step step)
        {
            var (actor, other) = (accounts[step.Actor], accounts[step.Other]);
            switch (step.Operation)
            {
                case Operation.Send or Operation.SendAgain:
                    await SendAsync(actor, other, times: step.Operation == Operation.Send ? 1 : 3);
                    break;
                case Operation.Read:
                    await CallAsync("admin_set_msg_read", new { Report_Account = actor, Peer_Account = other }, actor);
                    break;
                case Operation.ReadUpTo:
                    await CallAsync("admin_set_msg_read", new { Report_Account = actor, Peer_Account = other, MsgReadSeq = 1 + (step.Choice % 20) }, actor);
                    break;
                case Operation.Sync:
                    break;
                default:
                    await ChangeAsync(step, actor);
                    break;
            }
        }

        private async Task SendAsync(string from, string to, int times)
        {
            var number = (uint)Interlocked.Increment(ref _numbers);
            var text = $"message {number}";
            var body = Messages.Text(from, to, text, number, more: ("SyncOtherMachine", 1)).ToJsonString();
            var answers = await Task.WhenAll(Enumerable.Range(0, times).Select(_ => environment.Api.CallOkAsync("openim", "sendmsg", body, from)));
            var key = Assert.Single(answers.Select(answer => answer.GetProperty("MsgKey").GetString()!).Distinct());
            Sent.Enqueue(new SentMessage(from, to, key, text));
        }

        private async Task ChangeAsync(Step step, string actor)
        {
            var candidates = Sent.Where(message => step.Operation switch
            {
                Operation.Recall or Operation.Modify => message.From == actor,
                Operation.Receipt => message.To == actor,
                _ => message.From == actor || message.To == actor,
            }).ToList();
            if (candidates.Count == 0)
            {
                return;
            }

            var message = candidates[step.Choice % candidates.Count];
            var peer = message.From == actor ? message.To : message.From;
            switch (step.Operation)
            {
                case Operation.Recall:
                    if (await CallAsync("admin_msgwithdraw", new { From_Account = actor, To_Account = peer, MsgKey = message.Key }, actor, 20022, 20023) == 0)
                    {
                        message.IsRecalled = true;
                    }

                    break;
                case Operation.Modify:
                    var text = $"{message.Text} modified {step.Choice}";
                    message.Texts.Add(text);
                    await CallAsync("modify_c2c_msg", Modification(message, text), actor, 20022, 20023);
                    break;
                case Operation.Receipt:
                    var item = new { From_Account = peer, To_Account = actor, MsgKey = message.Key };
                    var receipt = new { Operator_Account = actor, Peer_Account = peer, C2CMsgInfo = new[] { item } };
                    if (await CallAsync("c2c_msg_read_receipt", receipt, actor, 20022) == 0)
                    {
                        message.IsAcknowledged = true;
                    }

                    break;
                case Operation.Delete:
                    await CallAsync("delete_c2c_msg_ramble", new { Operator_Account = actor, Peer_Account = peer, MsgKeyList = new[] { message.Key } }, actor);
                    message.DeletedBy[actor] = true;
                    break;
            }
        }

        private static string Modification(SentMessage message, string text)
        {
            var body = Messages.Text(message.From, message.To, text);
            body["MsgKey"] = message.Key;
            return body.ToJsonString();
        }

        private async Task<int> CallAsync(string command, object body, string caller, params int[] mayBe)
        {
            var code = await environment.CodeAsync(command, body, caller);
            Assert.True(code == 0 || mayBe.Contains(code), $"{command} answered {code}");
            return code;
        }

        /// <summary>What the server counts as unread, by owner and peer.</summary>
        public async Task<Dictionary<(string Owner, string Peer), long>> UnreadAsync()
        {
            var counts = new Dictionary<(string, string), long>();
            foreach (var owner in accounts)
            {
                var answer = await environment.Api.CallOkAsync("openim", "get_c2c_unread_msg_num", new { To_Account = owner, Peer_Account = accounts }, owner);
                foreach (var item in answer.GetProperty("C2CUnreadMsgNumList").EnumerateArray())
                {
                    counts[(owner, item.GetProperty("Peer_Account").GetString()!)] = item.GetProperty("C2CUnreadMsgNum").GetInt64();
                }
            }

            return counts;
        }

        public void CheckUnread(Dictionary<(string Owner, string Peer), long> before, Dictionary<(string Owner, string Peer), long> after, int sentBefore)
        {
            var came = Sent.Skip(sentBefore).CountBy(message => (message.To, message.From)).ToDictionary();
            foreach (var (conversation, unread) in after)
            {
                Assert.True(unread >= 0, $"{unread} messages are unread");
                Assert.True(unread <= before[conversation] + came.GetValueOrDefault(conversation), "unread has grown without a message");
            }
        }

        public void Check(Device device, IReadOnlyDictionary<string, long> unread)
        {
            foreach (var peer in accounts.Where(account => account != device.Account))
            {
                var log = device.With(peer);
                var (shown, _, counted) = log.Show(device.Account);
                Assert.False(log.HasGap);
                Assert.Equal(unread.GetValueOrDefault(peer), counted);

                var expected = Sent.Where(message => message.IsOf(device.Account, peer) && !message.DeletedBy.ContainsKey(device.Account)).ToDictionary(message => message.Key);
                Assert.Equal(expected.Keys.Order(), shown.Select(message => message.MsgKey).Order());
                foreach (var message in shown)
                {
                    var model = expected[message.MsgKey];
                    Assert.Equal((model.From, model.IsRecalled, model.IsAcknowledged), (message.From, message.IsRecalled, message.IsPeerRead));
                    Assert.True(message.IsRecalled ? message.Text.Length == 0 : model.Texts.Contains(message.Text), message.Text);
                }
            }
        }
    }
}
