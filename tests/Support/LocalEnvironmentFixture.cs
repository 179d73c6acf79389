using Parley.Tests.Support;

[assembly: AssemblyFixture(typeof(LocalEnvironmentFixture))]

namespace Parley.Tests.Support;

/// <summary>
/// One environment for the whole run, started by the first test that asks for it. Tests share it: each uses accounts of its own and
/// none kills anything in it; for that, start another with <see cref="LocalEnvironment.StartAsync"/>.
/// </summary>
public sealed class LocalEnvironmentFixture : IAsyncDisposable
{
    private readonly SemaphoreSlim _starting = new(1);
    private LocalEnvironment? _environment;
    private Exception? _failure;

    public async Task<LocalEnvironment> StartedAsync()
    {
        await _starting.WaitAsync();
        try
        {
            if (_failure is not null)
            {
                // One long wait is enough.
                throw new InvalidOperationException("The shared environment did not start.", _failure);
            }

            return _environment ??= await LocalEnvironment.StartAsync();
        }
        catch (Exception e)
        {
            _failure ??= e;
            throw;
        }
        finally
        {
            _starting.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_environment is not null)
        {
            await _environment.DisposeAsync();
        }

        _starting.Dispose();
    }
}
