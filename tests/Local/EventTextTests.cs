using System.Text.Json;
using Parley.Local.Commands;

namespace Parley.Tests.LocalRun;

public sealed class EventTextTests
{
    [Fact]
    public void A_message_shows_sender_number_and_text()
    {
        var text = Describe("""
            {"Type":"C2CMessage","Seq":12,"From_Account":"bob","To_Account":"alice","MsgTimeStamp":1700000000,
             "MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"Lunch?"}},{"MsgType":"TIMImageElem","MsgContent":{"UUID":"u"}}]}
            """);

        Assert.EndsWith("bob → alice  #12  Lunch? [image]", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TIMCustomElem", """{"Data":"ping"}""", "[custom ping]")]
    [InlineData("TIMFileElem", """{"FileName":"a.pdf"}""", "[file a.pdf]")]
    [InlineData("TIMLocationElem", """{"Desc":"Pier 7"}""", "[location Pier 7]")]
    [InlineData("TIMSoundElem", """{"Second":4}""", "[sound 4 s]")]
    [InlineData("TIMNewElem", """{}""", "[TIMNewElem]")]
    [InlineData("TIMTextElem", """{"Text":7}""", "?")]
    public void Other_elements_show_what_they_are(string type, string content, string shown) =>
        Assert.EndsWith(shown, Describe($$"""{"Type":"C2CMessage","MsgBody":[{"MsgType":"{{type}}","MsgContent":{{content}}}]}"""), StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"Type":"Kick","Reason":3}""", "Kick")]
    [InlineData("""{"Odd":true}""", "Odd")]
    [InlineData("17", "17")]
    public void Anything_else_is_shown_as_it_came(string item, string shown) =>
        Assert.Contains(shown, Describe(item), StringComparison.Ordinal);

    private static string Describe(string json)
    {
        using var document = JsonDocument.Parse(json);
        return EventText.Describe(document.RootElement);
    }
}
