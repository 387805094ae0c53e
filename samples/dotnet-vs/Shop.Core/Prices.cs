namespace Shop.Core;

public sealed class Prices
{
    private readonly Dictionary<string, decimal> known = new() { ["lamp"] = 39.90m, ["chair"] = 129m };

    public decimal? Of(string item) => known.TryGetValue(item, out var price) ? price : null;
}
