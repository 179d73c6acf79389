using Parley.Statistics;

namespace Parley.Tests.Statistics;

public sealed class DistinctSketchTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(30)]
    [InlineData(1_000)]
    [InlineData(5_000)]
    [InlineData(10_000)]
    [InlineData(20_000)]
    [InlineData(100_000)]
    [InlineData(1_000_000)]
    public void The_count_is_within_three_standard_errors_however_often_a_text_comes(int different)
    {
        var sketch = new DistinctSketch();
        for (var n = 0; n < different; n++)
        {
            sketch.Add($"user-{n}");
            sketch.Add($"user-{n / 2}");
        }

        Assert.InRange(sketch.Count, different - (0.049 * different), different + (0.049 * different));
    }

    [Fact]
    public void Over_many_sketches_the_count_is_not_biased()
    {
        const int Sketches = 60;
        foreach (var different in new[] { 300, 3_000, 11_000 })
        {
            var sum = 0.0;
            for (var run = 0; run < Sketches; run++)
            {
                var sketch = new DistinctSketch();
                for (var n = 0; n < different; n++)
                {
                    sketch.Add($"{run} {n}");
                }

                sum += (double)sketch.Count / different;
            }

            // 1.6 % / √60 is 0.21 %.
            Assert.InRange(sum / Sketches, 0.993, 1.007);
        }
    }

    [Fact]
    public void Merged_sketches_count_what_they_share_once()
    {
        var (one, other, both) = (new DistinctSketch(), new DistinctSketch(), new DistinctSketch());
        for (var n = 0; n < 3_000; n++)
        {
            (n < 2_000 ? one : other).Add($"{n}");
            (n < 1_000 ? other : one).Add($"{n}");
            both.Add($"{n}");
        }

        one.Merge(other);
        one.Merge(other);

        Assert.Equal(both.ToBytes(), one.ToBytes());
        Assert.Equal(both.Count, one.Count);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(3, 9)]
    [InlineData(50_000, 4096)]
    public void The_bytes_are_few_and_give_the_sketch_back(int different, int bytes)
    {
        var sketch = new DistinctSketch();
        for (var n = 0; n < different; n++)
        {
            sketch.Add($"user-{n}");
        }

        var stored = sketch.ToBytes();

        Assert.Equal(bytes, stored.Length);
        Assert.Equal(stored, DistinctSketch.FromBytes(stored).ToBytes());
        Assert.Equal(sketch.Count, DistinctSketch.FromBytes(stored).Count);
    }

    [Fact]
    public void Other_bytes_are_no_sketch()
    {
        Assert.Throws<FormatException>(() => DistinctSketch.FromBytes(new byte[4]));
        Assert.Throws<FormatException>(() => DistinctSketch.FromBytes(new byte[5000]));
        Assert.Throws<FormatException>(() => DistinctSketch.FromBytes([0, 1, 54]));
        Assert.Throws<FormatException>(() => DistinctSketch.FromBytes([0xFF, 0xFF, 1]));
    }
}
