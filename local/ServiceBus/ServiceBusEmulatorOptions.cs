using System.Security.Cryptography.X509Certificates;
using Parley.Local.Identity;

namespace Parley.Local.ServiceBus;

/// <summary>How one stand-in for a Service Bus namespace is set up.</summary>
public sealed record ServiceBusEmulatorOptions
{
    /// <summary>The loopback port to listen on.</summary>
    public required int Port { get; init; }

    public required IReadOnlyList<BusQueueOptions> Queues { get; init; }

    public string KeyName { get; init; } = "RootManageSharedAccessKey";

    public required string Key { get; init; }

    /// <summary>Whose Entra tokens are accepted; nobody's when null.</summary>
    public EntraTrust? Entra { get; init; }

    /// <summary>A second port that speaks TLS, with this certificate.</summary>
    public (int Port, X509Certificate2 Certificate)? Tls { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <param name="RequiresSession">Every message names a session, and receivers take one session each.</param>
/// <param name="MaxDeliveryCount">A message that comes back so often is put aside.</param>
/// <param name="FindsDuplicates">A message whose id was seen before is taken and dropped.</param>
public sealed record BusQueueOptions(string Name, bool RequiresSession = false, int MaxDeliveryCount = 5, bool FindsDuplicates = false);
