namespace Parley.Tests;

public sealed class SkeletonTests
{
    [Fact]
    public void Builds() => Assert.True(File.Exists(typeof(SkeletonTests).Assembly.Location));
}
