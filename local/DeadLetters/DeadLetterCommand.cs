using System.Globalization;
using System.Net.Sockets;
using Amqp;
using Microsoft.Extensions.Options;
using Parley.Callbacks;
using Parley.Delivery;
using Parley.Delivery.ServiceBus;
using Parley.Identity;
using Parley.Local.Commands;
using Parley.Storage;
using Parley.Tasks;

namespace Parley.Local.DeadLetters;

/// <summary>The command <c>deadletters</c>.</summary>
/// <remarks>Exit code: 0; 1 when something could not be done, or was asked to be sent again and cannot be.</remarks>
internal sealed class DeadLetterCommand(DeadLetterLine line, DataFolder folder, TimeProvider time)
{
    private readonly SortedDictionary<string, int> _counts = new(StringComparer.Ordinal);
    private int _taken;
    private int _kept;

    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        try
        {
            await using var services = DeploymentServices.Compose(folder, time);
            foreach (var place in PlacesOf(services))
            {
                await WalkAsync(place, cancellation);
            }

            // Callbacks that were put back have their jobs queued beside them.
            await services.GetRequiredService<CallbackWakeups>().StopAsync(cancellation);
            Conclude();
            return _kept == 0 ? 0 : 1;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return 130;
        }
        catch (Exception e) when (DeploymentServices.IsUnreachable(e)
            || e is AmqpException or SocketException or IOException or TimeoutException or OperationCanceledException)
        {
            throw new StartFailedException(e.Message, e);
        }
    }

    private async Task WalkAsync(IDeadLetterPlace place, CancellationToken cancellation)
    {
        await foreach (var letter in place.ReadAsync(cancellation))
        {
            if (!line.Means(letter))
            {
                continue;
            }

            if (line.Action == DeadLetterAction.List)
            {
                await ShowAsync(letter, cancellation);
            }
            else if (_taken == line.Limit)
            {
                break;
            }
            else
            {
                await SettleAsync(letter, cancellation);
            }
        }
    }

    private async Task ShowAsync(DeadLetter letter, CancellationToken cancellation)
    {
        Count(letter);
        if (_taken++ >= line.Limit)
        {
            return;
        }

        Say(Describe(letter));
        if (line.ShowsContent)
        {
            Say($"  {await letter.ReadAsync(cancellation)}");
        }
    }

    private async Task SettleAsync(DeadLetter letter, CancellationToken cancellation)
    {
        if (line.Action == DeadLetterAction.Drop)
        {
            await letter.DropAsync(cancellation);
        }
        else if (await letter.ResendAsync(cancellation) is { } obstacle)
        {
            Say($"Stays, since {obstacle}: {Describe(letter)}");
            _kept++;
            return;
        }

        _taken++;
        Count(letter);
    }

    private void Count(DeadLetter letter)
    {
        var group = $"{letter.Kind} in {letter.Place}, {(letter.SdkAppId is { } app ? $"app {app}" : "of no app")}";
        _counts[group] = _counts.GetValueOrDefault(group) + 1;
    }

    private void Conclude()
    {
        var done = line.Action switch
        {
            DeadLetterAction.Resend => "sent again: ",
            DeadLetterAction.Drop => "dropped: ",
            _ => "",
        };
        foreach (var (group, count) in _counts)
        {
            Say($"{done}{count} {group}");
        }

        if (_counts.Count == 0)
        {
            Say("Nothing.");
        }
    }

    private List<IDeadLetterPlace> PlacesOf(IServiceProvider services)
    {
        var queue = services.GetRequiredService<IWorkQueue>();
        List<IDeadLetterPlace> places =
        [
            new DeadLetterRows(services.GetRequiredService<TableStore>(), services.GetRequiredService<DeadCallbacks>(), services.GetRequiredService<TaskTable>(), queue),
            new PoisonQueues(services.GetRequiredService<StorageAccess>(), queue),
        ];
        if (BusAddress.TryParse(services.GetRequiredService<IOptions<ServiceBusOptions>>().Value, out var bus))
        {
            places.Add(new BusDeadLetters(bus, services.GetRequiredService<AppIdentity>(), queue, time));
        }

        return places;
    }

    private static string Describe(DeadLetter letter) => string.Create(
        CultureInfo.InvariantCulture,
        $"{letter.At.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z  {letter.Id}  {letter.Kind}  {letter.SdkAppId?.ToString(CultureInfo.InvariantCulture) ?? "-"}  {letter.Place}  {letter.Reason}");

    private static void Say(string text) => Console.Out.WriteLine(text);
}
