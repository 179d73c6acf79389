using System.Globalization;
using System.Text.Json;
using Parley.Apps;
using Parley.Statistics;
using Parley.Tests.Support;

namespace Parley.Tests.Statistics;

/// <summary>Reads what getappinfo answers.</summary>
internal static class AppInfo
{
    public const string Service = "openconfigsvr";
    public const string Command = "getappinfo";

    /// <summary>The days, today first, each as field → value.</summary>
    public static IReadOnlyList<Dictionary<string, string>> Days(JsonElement answer)
    {
        Assert.True(answer.GetProperty("ErrorCode").GetInt32() == 0, answer.GetRawText());
        return [.. answer.GetProperty("Result").EnumerateArray().Select(day => day.EnumerateObject().ToDictionary(field => field.Name, field => field.Value.GetString()!))];
    }

    public static async Task<IReadOnlyList<Dictionary<string, string>>> InfoAsync(this AppInstance instance, App app) =>
        Days(await instance.CallAsync(app, Service, Command, "{}"));

    /// <summary>The fields of a day that are not "0", without those that say which app and day it is.</summary>
    public static string Counted(this IReadOnlyDictionary<string, string> day) => string.Join(
        ' ', day.Where(field => field.Value != "0" && field.Key is not ("AppName" or "AppId" or "Company" or "Date")).Select(field => $"{field.Key}={field.Value}"));

    /// <summary>Waits, should the system's clock be just before a midnight of UTC+8: a test that counts a day would otherwise see two.</summary>
    public static Task AwayFromMidnightAsync() => Eventually.TrueAsync(
        "midnight of UTC+8 to be over",
        () => TimeSpan.FromDays(1) - TimeProvider.System.GetUtcNow().AddHours(8).TimeOfDay > TimeSpan.FromSeconds(45),
        TimeSpan.FromSeconds(60));

    public static Task WriteAsync(this AppInstance instance) => instance.Get<StatisticsWriter>().WriteAsync(null, CancellationToken.None);

    public static Task SweepAsync(this AppInstance instance) => instance.Get<StatisticsSweep>().RunAsync(CancellationToken.None);

    public static string Date(DateOnly day) => day.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
}
