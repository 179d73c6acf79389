using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Parley.Delivery.ServiceBus;

/// <summary>How Service Bus is reached. Section <c>ServiceBus</c>; the host's trigger has settings of its own in the same section.</summary>
public sealed class ServiceBusOptions
{
    /// <summary><c>NAME.servicebus.windows.net</c>, as the app's identity. Also <c>amqps://host:port</c>, and <c>amqp://host:port</c> on this computer.</summary>
    public string? Namespace { get; set; }

    /// <summary><c>Endpoint=sb://NAME.servicebus.windows.net/;SharedAccessKeyName=…;SharedAccessKey=…</c> Wins over <see cref="Namespace"/>.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>How long after its arrival a job is still retried when the broker fails, in milliseconds. Then whether it was stored is unknown.</summary>
    [Range(100, 60_000)]
    public int RetryMilliseconds { get; set; } = 8_000;
}

[OptionsValidator]
public sealed partial class ServiceBusOptionsValidator : IValidateOptions<ServiceBusOptions>;
