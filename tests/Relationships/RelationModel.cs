using Parley.Apps;

namespace Parley.Tests.Relationships;

/// <summary>What accounts are to each other, in three tables: the rules of the reference once more, without any storage.</summary>
internal sealed class RelationModel(AllowType[] allow)
{
    public bool[,] Friends { get; } = new bool[allow.Length, allow.Length];

    public bool[,] Blocks { get; } = new bool[allow.Length, allow.Length];

    /// <summary>[x, y]: x has asked y.</summary>
    public bool[,] Asks { get; } = new bool[allow.Length, allow.Length];

    /// <summary>Does something.</summary>
    /// <returns>The code that the item must have.</returns>
    public int Apply(string act, int x, int y)
    {
        switch (act)
        {
            case "AddBoth":
                return Add(x, y, isBoth: true);
            case "AddSingle":
                return Add(x, y, isBoth: false);
            case "DeleteBoth" when Friends[x, y] || Friends[y, x]:
                return Set(Friends, false, (x, y), (y, x));
            case "DeleteSingle" when Friends[x, y]:
                return Set(Friends, false, (x, y));
            case "DeleteBoth" or "DeleteSingle":
                return 31704;
            case "AgreeBoth" or "Agree" or "Reject":
                return Answer(act, x, y);
            case "TakeBack":
                return Asks[x, y] ? Set(Asks, false, (x, y)) : 30614;
            case "Block" when !Blocks[x, y]:
                Set(Friends, false, (x, y), (y, x));
                Set(Asks, false, (x, y), (y, x));
                return Set(Blocks, true, (x, y));
            case "Unblock" when Blocks[x, y]:
                return Set(Blocks, false, (x, y));
            case "Block" or "Unblock":
                return 30001;
            default:
                return 0;
        }
    }

    private int Add(int x, int y, bool isBoth)
    {
        if (Friends[x, y] || Blocks[x, y] || Blocks[y, x])
        {
            return Friends[x, y] ? 30001 : Blocks[x, y] ? 30515 : 30525;
        }

        if (!isBoth)
        {
            Set(Asks, false, (x, y));
            return Set(Friends, true, (x, y));
        }

        if (allow[y] == AllowType.AllowAny || Friends[y, x] || Asks[y, x])
        {
            Set(Asks, false, (x, y), (y, x));
            return Set(Friends, true, (x, y), (y, x));
        }

        Asks[x, y] |= allow[y] == AllowType.NeedConfirm;
        return allow[y] == AllowType.NeedConfirm ? 30539 : 30516;
    }

    private int Answer(string act, int x, int y)
    {
        if (!Asks[y, x])
        {
            return 30614;
        }

        Asks[y, x] = false;
        if (act != "Reject")
        {
            Friends[y, x] = true;
        }

        if (act == "AgreeBoth" && !Friends[x, y])
        {
            Friends[x, y] = true;
            Asks[x, y] = false;
        }

        return 0;
    }

    private static int Set(bool[,] table, bool value, params (int X, int Y)[] places)
    {
        foreach (var (x, y) in places)
        {
            table[x, y] = value;
        }

        return 0;
    }
}
