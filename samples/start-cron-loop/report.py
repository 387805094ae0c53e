"""Writes the report of the hour."""

import datetime
import os
import sys
from pathlib import Path

folder = Path(sys.argv[1])
station = os.environ["STATION"]
now = datetime.datetime.now(datetime.timezone.utc)
text = f"{station} {now:%Y-%m-%d %H:00} wind {now.timetuple().tm_yday % 9} Beaufort\n"
(folder / f"{now:%Y%m%d%H}.txt").write_text(text)
(folder / "latest.txt").write_text(text)
