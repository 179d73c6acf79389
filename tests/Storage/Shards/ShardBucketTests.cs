using Parley.Storage;
using Parley.Storage.Shards;

namespace Parley.Tests.Storage.Shards;

public sealed class ShardBucketTests
{
    /// <summary>What is stored lies where these say: should they change, nothing would be found any more.</summary>
    [Theory]
    [InlineData("1400000001|alice", 1014)]
    [InlineData("1400000001|@TGS#1ABCDEF", 477)]
    [InlineData("x|1400000001|3BC51062973C458D5A6F2D8D64A02324", 489)]
    [InlineData("1400000001|=E5=B0=8F=E6=98=8E", 918)]
    [InlineData("", 180)]
    public void A_key_gives_the_same_number_for_ever(string key, int number) => Assert.Equal(number, ShardBucket.NumberOf(key));

    [Theory]
    [InlineData("1400000001|alice", 1400000001u)]
    [InlineData("1400000001|x|1", 1400000001u)]
    [InlineData("x|1400000001|3BC51062973C458D5A6F2D8D64A02324", 1400000001u)]
    [InlineData("v|1400000001|connection", 1400000001u)]
    [InlineData("q|1400000001", 1400000001u)]
    [InlineData("1|alice", 1u)]
    [InlineData("sweep", ShardBucket.AllApps)]
    [InlineData("", ShardBucket.AllApps)]
    public void A_key_names_its_app(string key, uint app) => Assert.Equal(app, ShardBucket.AppOf(key));

    [Fact]
    public void Keys_that_differ_little_fall_evenly_into_all_buckets()
    {
        Func<int, string>[] names = [n => $"{n}", n => $"user_{n:D9}", n => $"@TGS#{n:X8}", n => $"wx{n * 7919L}@openid"];
        Assert.All(names, name =>
        {
            const int Keys = 200_000;
            const double Expected = (double)Keys / ShardBucket.Count;
            var counts = new int[ShardBucket.Count];
            for (var n = 0; n < Keys; n++)
            {
                counts[ShardBucket.NumberOf(new AccountKey(1400000001, name(n)).PartitionKey)]++;
            }

            // Chi-squared with 1,023 degrees of freedom: mean 1,023, standard deviation 45.
            var unevenness = counts.Sum(count => (count - Expected) * (count - Expected) / Expected);
            Assert.InRange(unevenness, 1_023 - (5 * 45), 1_023 + (5 * 45));
        });
    }

    [Fact]
    public void A_key_longer_than_any_of_ours_has_a_bucket_too() =>
        Assert.InRange(ShardBucket.NumberOf(new string('x', 2_000)), 0, ShardBucket.Count - 1);
}
