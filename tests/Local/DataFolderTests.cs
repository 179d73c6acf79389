using Parley.Local;

namespace Parley.Tests.LocalRun;

public sealed class DataFolderTests : IDisposable
{
    private readonly DirectoryInfo _place = Directory.CreateTempSubdirectory("parley-");

    [Fact]
    public void The_secret_is_made_once_and_dropped_with_the_data()
    {
        var folder = new DataFolder(_place.FullName);

        var first = folder.FindOrCreateApp();
        var again = new DataFolder(_place.FullName).FindOrCreateApp();
        folder.Drop();

        Assert.Equal(first, again);
        Assert.Matches("^[0-9a-f]{64}$", first.Secret);
        Assert.Null(folder.FindApp());
    }

    [Fact]
    public void Dropping_leaves_files_of_others_alone()
    {
        var folder = new DataFolder(_place.FullName);
        var stored = Path.Combine(Directory.CreateDirectory(folder.Azurite).FullName, "table.json");
        var foreign = Path.Combine(_place.FullName, "thesis.txt");
        File.WriteAllText(stored, "{}");
        File.WriteAllText(foreign, "years of work");

        folder.Drop();

        Assert.False(File.Exists(stored));
        Assert.True(File.Exists(foreign));
    }

    [Fact]
    public void Only_one_can_hold_the_lock()
    {
        var folder = new DataFolder(_place.FullName);

        using (folder.Lock())
        {
            Assert.Throws<StartFailedException>(() => new DataFolder(_place.FullName).Lock());
        }

        folder.Lock().Dispose();
    }

    [Fact]
    public void Settings_read_back_as_written_and_have_the_agreed_names()
    {
        var path = new DataFolder(_place.FullName).Settings;
        var settings = new LocalSettings("http://127.0.0.1:7071", 1400000001, "s", "administrator", "http://127.0.0.1:8888", "c", 123);

        settings.Write(path);

        Assert.Equal(settings, LocalSettings.TryRead(path));
        Assert.Equal(
            """{"api":"http://127.0.0.1:7071","sdkappid":1400000001,"secret":"s","admin":"administrator","signalr":"http://127.0.0.1:8888","storage":"c","handlerPid":123}""",
            File.ReadAllText(path));
        Assert.Null(LocalSettings.TryRead(path + "x"));
    }

    public void Dispose() => _place.Delete(recursive: true);
}
