using CsCheck;
using Parley.Storage;

namespace Parley.Tests.Storage;

public sealed class KeyTextTests
{
    private static readonly Gen<string> Texts = Gen.String.Where(text => text.EnumerateRunes().All(rune => rune != System.Text.Rune.ReplacementChar));

    [Fact]
    public void Any_text_comes_back_and_its_key_holds_nothing_that_a_table_forbids() => Texts.Sample(text =>
    {
        var key = KeyText.Escape(text);
        Assert.Equal(text, KeyText.Unescape(key));
        Assert.All(key, c => Assert.True(char.IsAsciiLetterOrDigit(c) || "-_.@=".Contains(c)));
    });

    [Fact]
    public void Different_texts_have_different_keys() => Gen.Select(Texts, Texts).Sample((one, other) =>
        Assert.Equal(one == other, KeyText.Escape(one) == KeyText.Escape(other)));

    [Fact]
    public void Keys_of_sequences_sort_as_the_numbers_do() => Gen.Select(Gen.Long[0, 999_999_999_999], Gen.Long[0, 999_999_999_999]).Sample((one, other) =>
        Assert.Equal(one.CompareTo(other), Math.Sign(string.CompareOrdinal(KeyText.Sequence(one), KeyText.Sequence(other)))));

    [Fact]
    public void An_account_comes_back_from_its_partition_and_from_its_SignalR_user() => Texts.Sample(text =>
    {
        var key = new AccountKey(1400000001, text);
        Assert.Equal(key, AccountKey.FromPartitionKey(key.PartitionKey));
        Assert.Equal(key, AccountKey.FromSignalRUser(key.SignalRUser));
    });
}
