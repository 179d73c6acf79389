namespace Parley.Local;

/// <summary>The environment cannot start or go on. The message is for the person at the console and says what to do.</summary>
public sealed class StartFailedException : Exception
{
    public StartFailedException()
    {
    }

    public StartFailedException(string message)
        : base(message)
    {
    }

    public StartFailedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
