using System.Text.Json;
using Parley.Messages;
using Parley.Rest;

namespace Parley.Tests.Messages;

public sealed class MessageContentTests
{
    private const string Custom = """{"MsgType":"TIMCustomElem","MsgContent":{"Data":"d"}}""";

    /// <summary>One valid element of every type that may be sent, with every field of the reference.</summary>
    public static TheoryData<string> ValidElements => new(
        """{"MsgType":"TIMTextElem","MsgContent":{"Text":"Train 14 leaves at 09:40"}}""",
        """{"MsgType":"TIMLocationElem","MsgContent":{"Desc":"Pier 3","Latitude":53.5439,"Longitude":9.9666}}""",
        """{"MsgType":"TIMFaceElem","MsgContent":{"Index":7,"Data":"smile"}}""",
        """{"MsgType":"TIMCustomElem","MsgContent":{"Data":"d","Desc":"push","Ext":"e","Sound":"s.caf"}}""",
        """{"MsgType":"TIMSoundElem","MsgContent":{"Url":"https://a/b","UUID":"u","Size":62351,"Second":1,"Download_Flag":2}}""",
        """{"MsgType":"TIMImageElem","MsgContent":{"UUID":"u","ImageFormat":1,"ImageInfoArray":[{"Type":1,"Size":1853095,"Width":2448,"Height":3264,"URL":"http://x"}]}}""",
        """{"MsgType":"TIMFileElem","MsgContent":{"Url":"https://a/b","UUID":"u","FileSize":1773552,"FileName":"f.txt","Download_Flag":2}}""",
        """
        {"MsgType":"TIMVideoFileElem","MsgContent":{"VideoUrl":"https://v","VideoUUID":"u","VideoSize":1194603,"VideoSecond":5,"VideoFormat":"mp4",
        "VideoDownloadFlag":2,"ThumbUrl":"https://t","ThumbUUID":"t","ThumbSize":13907,"ThumbWidth":720,"ThumbHeight":1280,"ThumbFormat":"JPG","ThumbDownloadFlag":2}}
        """,
        """{"MsgType":"TIMRelayElem","MsgContent":{"Title":"t","MsgNum":1,"CompatibleText":"c","AbstractList":["a"],"MsgList":[{"From_Account":"a"}]}}""");

    [Theory]
    [MemberData(nameof(ValidElements))]
    public void Every_element_type_is_kept_as_sent(string element)
    {
        var (content, error) = Read($$"""{"MsgBody":[{{element}}]}""");

        Assert.Null(error);
        using var sent = JsonDocument.Parse($"[{element}]");
        using var kept = JsonDocument.Parse(content.MsgBody.Text);
        Assert.True(JsonElement.DeepEquals(sent.RootElement, kept.RootElement));
    }

    [Theory]
    [MemberData(nameof(ValidElements))]
    public void A_field_of_another_kind_is_refused(string element)
    {
        using var sent = JsonDocument.Parse(element);
        var type = sent.RootElement.GetProperty("MsgType").GetString();
        foreach (var field in sent.RootElement.GetProperty("MsgContent").EnumerateObject())
        {
            var fields = sent.RootElement.GetProperty("MsgContent").EnumerateObject()
                .Select(other => $"\"{other.Name}\":{(other.Name == field.Name ? "true" : other.Value.GetRawText())}");
            var (_, error) = Read($$$"""{"MsgBody":[{"MsgType":"{{{type}}}","MsgContent":{{{{string.Join(',', fields)}}}}}]}""");

            Assert.Equal(90010, error?.Code);
            Assert.Contains(field.Name, error!.Info, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("""{}""", 90002)]
    [InlineData("""{"MsgBody":null}""", 90002)]
    [InlineData("""{"MsgBody":[]}""", 90002)]
    [InlineData("""{"MsgBody":"text"}""", 90007)]
    [InlineData("""{"MsgBody":{}}""", 90007)]
    [InlineData("""{"MsgBody":["text"]}""", 90002)]
    [InlineData("""{"MsgBody":[{"MsgContent":{"Text":"x"}}]}""", 90002)]
    [InlineData("""{"MsgBody":[{"MsgType":"TIMTextElem"}]}""", 90002)]
    [InlineData("""{"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":"x"}]}""", 90002)]
    [InlineData("""{"MsgBody":[{"MsgType":7,"MsgContent":{}}]}""", 90002)]
    [InlineData("""{"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{}}]}""", 90010)]
    [InlineData("""{"MsgBody":[{"MsgType":"TIMVideoElem","MsgContent":{}}]}""", 90010)]
    [InlineData("""{"MsgBody":[{"MsgType":"TIMSoundElem","MsgContent":{"Url":"u","UUID":"u","Size":1,"Second":1,"Download_Flag":1}}]}""", 90010)]
    [InlineData("""{"MsgBody":[{"MsgType":"TIMImageElem","MsgContent":{"UUID":"u","ImageInfoArray":[]}}]}""", 90010)]
    [InlineData("""{"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"x"}}],"CloudCustomData":{}}""", 90010)]
    [InlineData("""{"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"x"}}],"OfflinePushInfo":"x"}""", 90043)]
    [InlineData("""{"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"x"}}],"OfflinePushInfo":{"Desc":1}}""", 90043)]
    [InlineData("""{"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"x"}}],"OfflinePushInfo":{"ApnsInfo":1}}""", 90043)]
    public void What_does_not_fit_has_its_documented_code(string body, int code) => Assert.Equal(code, Read(body).Error?.Code);

    [Fact]
    public void At_most_one_custom_element_is_allowed()
    {
        Assert.Null(Read($$"""{"MsgBody":[{{Custom}}]}""").Error);
        Assert.Equal(90002, Read($$"""{"MsgBody":[{{Custom}},{{Custom}}]}""").Error?.Code);
    }

    [Fact]
    public void Numbers_and_texts_stay_to_the_letter()
    {
        var (content, _) = Read("""{"MsgBody":[ {"MsgType":"TIMLocationElem","MsgContent":{"Desc":"码头 \u4e09 <b>","Latitude":53.50,"Longitude":1e1}} ]}""");

        Assert.Equal("""[{"MsgType":"TIMLocationElem","MsgContent":{"Desc":"码头 三 <b>","Latitude":53.50,"Longitude":1e1}}]""", content.MsgBody.Text);
    }

    [Fact]
    public void The_size_is_that_of_the_JSON_which_travels()
    {
        var (plain, _) = Read($$"""{"MsgBody":[{{Custom}}],"CloudCustomData":"xxxx"}""");
        var (escaped, _) = Read($$"""{"MsgBody":[{{Custom}}],"CloudCustomData":"\u0001\u0001\u0001\u0001"}""");

        Assert.Equal(20, escaped.Size - plain.Size);
    }

    private static (MessageContent Content, ApiError? Error) Read(string body)
    {
        using var json = JsonDocument.Parse(body);
        var fields = new FieldReader(json.RootElement);
        return (MessageContent.Read(fields), fields.Error);
    }
}
