from datetime import datetime, timezone
from typing import Annotated

from fastapi import FastAPI, HTTPException, Query
from pydantic import BaseModel, Field

app = FastAPI(title="Readings")


class Reading(BaseModel):
    sensor: str = Field(min_length=1, max_length=40)
    value: float
    at: datetime = Field(default_factory=lambda: datetime.now(timezone.utc))


readings: list[Reading] = [Reading(sensor="pier", value=11.5)]


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/readings", status_code=201)
def add(reading: Reading) -> Reading:
    readings.append(reading)
    return reading


@app.get("/readings")
def newest(sensor: str | None = None, count: Annotated[int, Query(ge=1, le=100)] = 10) -> list[Reading]:
    found = [reading for reading in readings if sensor in (None, reading.sensor)]
    if not found:
        raise HTTPException(404, f"no readings of {sensor}")
    return sorted(found, key=lambda reading: reading.at, reverse=True)[:count]
