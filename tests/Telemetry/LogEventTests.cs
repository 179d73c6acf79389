using System.Reflection;
using Microsoft.Extensions.Logging;
using Parley.Apps;
using Parley.Local;

namespace Parley.Tests.Telemetry;

public sealed class LogEventTests
{
    [Fact]
    public void Each_event_of_the_log_has_a_number_of_its_own()
    {
        var methods = ((Assembly[])[typeof(App).Assembly, typeof(LocalSettings).Assembly]).SelectMany(assembly => assembly.GetTypes())
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly));
        var events = methods.Select(method => (Method: $"{method.DeclaringType}.{method.Name}", method.GetCustomAttribute<LoggerMessageAttribute>()?.EventId))
            .Where(method => method.EventId is not null).ToLookup(method => method.EventId, method => method.Method);

        Assert.NotEmpty(events);
        Assert.Empty(events.Where(methods => methods.Count() > 1).Select(methods => $"{methods.Key}: {string.Join(", ", methods)}"));
    }
}
