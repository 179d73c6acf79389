using Azure;
using Azure.Data.Tables;

namespace Parley.Statistics;

/// <summary>What this instance has counted of one app's day since it began the row; the row is written as a whole each time.</summary>
public sealed class PendingDay(uint sdkAppId, DateOnly day)
{
    private readonly Lock _lock = new();
    private readonly DayFigures _figures = new();
    private readonly string _rowKey = StatisticsTable.PartRow(day);
    private long _changes;
    private long _written;
    private bool _isClosed;

    public uint SdkAppId => sdkAppId;

    public DateOnly Day => day;

    /// <summary>Of the row as it was written last; null before that.</summary>
    public ETag? Version { get; set; }

    /// <summary>Counts something.</summary>
    /// <returns>False when the row is not written any more; begin another.</returns>
    public bool TryCount(Action<DayFigures> count)
    {
        lock (_lock)
        {
            if (_isClosed)
            {
                return false;
            }

            count(_figures);
            _changes++;
            return true;
        }
    }

    /// <summary>What is to be written; null when all is.</summary>
    public (TableEntity Row, long Changes)? Take()
    {
        lock (_lock)
        {
            return _changes == _written || _isClosed ? null : (_figures.ToRow(StatisticsTable.Partition(sdkAppId), _rowKey), _changes);
        }
    }

    /// <summary>Notes that so many changes are written.</summary>
    public void Wrote(long changes)
    {
        lock (_lock)
        {
            _written = changes;
        }
    }

    /// <summary>Ends the row, if all of it is written or <paramref name="isForced"/>.</summary>
    /// <returns>Whether it has ended.</returns>
    public bool TryClose(bool isForced = false)
    {
        lock (_lock)
        {
            return _isClosed = _isClosed || isForced || _changes == _written;
        }
    }
}
