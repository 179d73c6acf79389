namespace Parley.Local.FunctionsHost;

/// <summary>The handler is not running and will not be started, or did not come up in time.</summary>
public sealed class HandlerUnavailableException : Exception
{
    public HandlerUnavailableException()
    {
    }

    public HandlerUnavailableException(string message)
        : base(message)
    {
    }

    public HandlerUnavailableException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>The app folder holds something that the real host would refuse, or that this stand-in cannot run. The message names the file.</summary>
public sealed class InvalidFunctionAppException : Exception
{
    public InvalidFunctionAppException()
    {
    }

    public InvalidFunctionAppException(string message)
        : base(message)
    {
    }

    public InvalidFunctionAppException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
