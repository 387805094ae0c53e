"""A queue of files in a folder that several processes share."""

import json
import os
import uuid
from pathlib import Path

FOLDER = Path(os.environ["QUEUE_DIR"])


def put(parcel):
    FOLDER.mkdir(parents=True, exist_ok=True)
    name = uuid.uuid4().hex
    hidden = FOLDER / f".{name}"
    hidden.write_text(json.dumps(parcel))
    hidden.rename(FOLDER / f"{name}.json")
    return name


def waiting():
    return sorted(FOLDER.glob("*.json"))
