var app = WebApplication.CreateBuilder(args).Build();

app.MapGet("/now/{zone}", (string zone) =>
    TimeZoneInfo.ConvertTimeFromUtc(DateTime.UtcNow, TimeZoneInfo.FindSystemTimeZoneById(zone)).ToString("s"));
app.Run();
