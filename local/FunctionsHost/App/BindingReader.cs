using Microsoft.AspNetCore.Routing.Patterns;

namespace Parley.Local.FunctionsHost;

/// <summary>Reads the bindings of one function.json.</summary>
internal sealed class BindingReader(string function, string path, AppSettings settings)
{
    public FunctionDefinition Read(JsonFile file)
    {
        var triggers = new List<Trigger>();
        var outputs = new List<OutputBinding>();
        foreach (var binding in file.Sections("bindings"))
        {
            switch (binding.RequiredText("type"))
            {
                case "httpTrigger": triggers.Add(Http(Incoming(binding))); break;
                case "queueTrigger": triggers.Add(Queue(Incoming(binding))); break;
                case "serviceBusTrigger": triggers.Add(ServiceBus(Incoming(binding))); break;
                case "timerTrigger": triggers.Add(Timer(Incoming(binding))); break;
                case "http": outputs.Add(new HttpOutput(Outgoing(binding).RequiredText("name"))); break;
                case "queue": outputs.Add(QueueOutput(Outgoing(binding))); break;
                case var other:
                    throw binding.Refused($"bindings of type '{other}' do not run here. To start without it set AzureWebJobs_{function}_Disabled=true.");
            }
        }

        return triggers is [var trigger]
            ? new FunctionDefinition(function, path, trigger, outputs)
            : throw file.Refused($"exactly one trigger was expected, found {triggers.Count}.");
    }

    private static JsonFile Incoming(JsonFile binding) => WithDirection(binding, "in");

    private static JsonFile Outgoing(JsonFile binding) => WithDirection(binding, "out");

    private static JsonFile WithDirection(JsonFile binding, string direction) =>
        string.Equals(binding.RequiredText("direction"), direction, StringComparison.OrdinalIgnoreCase)
            ? binding
            : throw binding.Invalid("direction", $"\"{direction}\" for type '{binding.Text("type")}'");

    private HttpTrigger Http(JsonFile binding)
    {
        var route = settings.Resolve(binding.Text("route") ?? function, path).TrimStart('/');
        try
        {
            RoutePatternFactory.Parse(route);
        }
        catch (RoutePatternException e)
        {
            throw binding.Refused($"route '{route}': {e.Message}");
        }

        var level = binding.Text("authLevel")?.ToUpperInvariant() switch
        {
            "ANONYMOUS" => AuthLevel.Anonymous,
            null or "FUNCTION" => AuthLevel.Function,
            "ADMIN" => AuthLevel.Admin,
            _ => throw binding.Invalid("authLevel", "anonymous, function or admin"),
        };
        var methods = (binding.Texts("methods") ?? []).Select(method => method.ToUpperInvariant()).ToList();
        return new HttpTrigger(binding.RequiredText("name"), level, methods, route);
    }

    private QueueTrigger Queue(JsonFile binding) => new(
        binding.RequiredText("name"),
        settings.Resolve(binding.RequiredText("queueName"), path),
        settings.Connection(binding.Text("connection"), path));

    private ServiceBusTrigger ServiceBus(JsonFile binding) => new(
        binding.RequiredText("name"),
        settings.Resolve(binding.RequiredText("queueName"), path),
        settings.Connection(binding.RequiredText("connection"), path),
        binding.Flag("isSessionsEnabled", otherwise: false));

    private QueueOutput QueueOutput(JsonFile binding) => new(
        binding.RequiredText("name"),
        settings.Resolve(binding.RequiredText("queueName"), path),
        settings.Connection(binding.Text("connection"), path),
        string.Equals(binding.Text("dataType"), "binary", StringComparison.OrdinalIgnoreCase));

    private TimerTrigger Timer(JsonFile binding)
    {
        var text = settings.Resolve(binding.RequiredText("schedule"), path);
        var schedule = TimerSchedule.TryParse(text)
            ?? throw binding.Refused($"schedule '{text}' is neither an NCRONTAB expression of 6 fields nor a duration.");
        return new TimerTrigger(
            binding.RequiredText("name"),
            schedule,
            binding.Flag("runOnStartup", otherwise: false),
            binding.Flag("useMonitor", otherwise: true));
    }
}
