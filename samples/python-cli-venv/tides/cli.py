from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.table import Table

# From one high water to the next: half a lunar day.
PERIOD = timedelta(hours=12, minutes=25, seconds=14)
KNOWN = datetime(2026, 1, 3, 11, 42, tzinfo=ZoneInfo("UTC"))


@click.group()
def main():
    """Tide tables for the command line."""


@main.command()
@click.option("--count", default=4, show_default=True, type=click.IntRange(1, 50))
@click.option("--zone", default="Europe/Lisbon", show_default=True)
@click.option("--after", type=click.DateTime(), default=None, help="Local time; now if left out.")
def next(count, zone, after):
    """The next high waters."""
    place = ZoneInfo(zone)
    start = after.replace(tzinfo=place) if after else datetime.now(place)
    first = KNOWN + PERIOD * -((KNOWN - start) // PERIOD)
    table = Table("High water", "Zone")
    for at in range(count):
        local = (first + PERIOD * at).astimezone(place)
        table.add_row(local.strftime("%Y-%m-%d %H:%M"), local.tzname())
    Console(width=60).print(table)


if __name__ == "__main__":
    main()
