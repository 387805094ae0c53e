var builder = WebApplication.CreateBuilder(args);
var app = builder.Build();
var quotes = app.Configuration.GetSection("Quotes").Get<string[]>() ?? [];

app.MapGet("/", () => quotes[Random.Shared.Next(quotes.Length)]);
app.MapGet("/count", () => quotes.Length);
app.Run();
