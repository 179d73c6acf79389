using System.Net;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Parley.Local;
using Parley.Local.Identity;
using Parley.Local.Storage;
using Parley.Storage;
using Parley.Tests.Identity;
using Parley.Tests.Support;

namespace Parley.Tests.Storage;

public sealed class BlobReadLinkTests(AzuriteFixture azurite)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_a_key_a_link_reads_one_blob_until_its_end_and_nothing_else()
    {
        var service = new BlobServiceClient(await azurite.ConnectionStringAsync());
        using var http = new HttpClient();

        await CheckAsync(service, http, azurite.NewName("links"), TimeProvider.System);
    }

    [Fact]
    public async Task With_an_identity_a_link_does_the_same_and_storage_is_asked_for_one_key()
    {
        using var tls = new TestCertificate();
        await using var issuer = await IdentityEndpointEmulator.StartAsync(new(), NullLoggerFactory.Instance, Stop);
        await new AzuriteInstallation(Repository.AzuriteFolder).EnsureAsync(Stop);
        await using var storage = await AzuriteProcess.StartAsync(
            new AzuriteInstallation(Repository.AzuriteFolder), new AzuriteOptions { Tls = (tls.CertificateFile, tls.KeyFile) }, Stop);
        using var handler = tls.Handler();
        var counted = new CountingHandler(handler);
        using var client = new HttpClient(counted);
        var options = new BlobClientOptions { Transport = new HttpClientTransport(client) };
        var service = new BlobServiceClient(new Uri(StorageEndpoints.OfAccount(storage.Endpoints.Blob)), new TestCredential(issuer), options);

        await CheckAsync(service, client, "links", TimeProvider.System);

        Assert.Equal(1, counted.KeyRequests);
    }

    private static async Task CheckAsync(BlobServiceClient service, HttpClient http, string name, TimeProvider time)
    {
        var container = service.GetBlobContainerClient(name);
        await container.CreateIfNotExistsAsync(cancellationToken: Stop);
        await container.UploadBlobAsync("a/b 你好.txt", BinaryData.FromString("content"), Stop);
        await container.UploadBlobAsync("other", BinaryData.FromString("other"), Stop);
        using var links = new BlobReadLinks(time);

        var link = await links.CreateAsync(service, name, "a/b 你好.txt", TimeSpan.FromHours(1), Stop);
        var again = await links.CreateAsync(service, name, "other", TimeSpan.FromHours(2), Stop);

        Assert.Equal("content", await http.GetStringAsync(link, Stop));
        Assert.Equal("other", await http.GetStringAsync(again, Stop));
        Assert.NotEqual(HttpStatusCode.OK, await StatusAsync(http, HttpMethod.Get, new Uri(link.AbsoluteUri.Split('?')[0])));
        Assert.NotEqual(HttpStatusCode.OK, await StatusAsync(http, HttpMethod.Get, new Uri(again.AbsoluteUri.Split('?')[0] + link.Query)));
        Assert.NotEqual(HttpStatusCode.Accepted, await StatusAsync(http, HttpMethod.Delete, link));

        using var yesterday = new BlobReadLinks(new FakeTimeProvider(time.GetUtcNow().AddDays(-1)));
        var over = await yesterday.CreateAsync(service, name, "other", TimeSpan.FromHours(1), Stop);
        Assert.NotEqual(HttpStatusCode.OK, await StatusAsync(http, HttpMethod.Get, over));
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient http, HttpMethod method, Uri url)
    {
        using var request = new HttpRequestMessage(method, url);
        using var answer = await http.SendAsync(request, Stop);
        return answer.StatusCode;
    }

    private sealed class CountingHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        private readonly HashSet<string> _starts = [];

        /// <summary>Requests for keys, but for those of the clock of yesterday.</summary>
        public int KeyRequests { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.RequestUri!.Query.Contains("userdelegationkey", StringComparison.Ordinal))
            {
                var body = await request.Content!.ReadAsStringAsync(cancellationToken);
                var isOfToday = body.Contains($"<Start>{TimeProvider.System.GetUtcNow().AddMinutes(-5):yyyy-MM-dd}", StringComparison.Ordinal);
                KeyRequests += isOfToday && _starts.Add(body) ? 1 : 0;
            }

            return await base.SendAsync(request, cancellationToken);
        }
    }
}
