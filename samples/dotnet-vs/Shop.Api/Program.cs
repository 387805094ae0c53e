using System.Globalization;
using Shop.Core;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddSingleton<Prices>();

var app = builder.Build();
app.MapGet("/prices/{item}", (string item, string? culture, Prices prices) =>
{
    var price = prices.Of(item);
    var format = CultureInfo.GetCultureInfo(culture ?? "de-DE");
    return price is null ? Results.NotFound() : Results.Text(price.Value.ToString("C", format));
});
app.MapGet("/healthz", () => "ok");
app.Run();
