using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Parley.Maintenance;

/// <summary>How long is kept what nobody asks for any more. Section <c>Retention</c>.</summary>
/// <remarks>Messages: the app's RoamingDays. Statistics: 31 days. Files of history: eight days, since they can be asked for in seven.</remarks>
public sealed class RetentionOptions
{
    /// <summary>Files of exports, in days.</summary>
    [Range(1, 3650)]
    public int ExportDays { get; set; } = 30;

    /// <summary>Work that was given up, in days.</summary>
    [Range(1, 3650)]
    public int DeadLetterDays { get; set; } = 30;

    /// <summary>Tasks that are over, in days.</summary>
    [Range(1, 3650)]
    public int TaskDays { get; set; } = 90;
}

[OptionsValidator]
public sealed partial class RetentionOptionsValidator : IValidateOptions<RetentionOptions>;
