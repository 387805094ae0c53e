"""Serves the settings of a YAML file as JSON, each under its dotted path."""

import pathlib
import time

import yaml
from bottle import Bottle, HTTPError, run

app = Bottle()
path = pathlib.Path(__file__).with_name("settings.yaml")
started = time.monotonic()


@app.get("/status")
def status():
    return {"uptime": round(time.monotonic() - started), "libyaml": yaml.__with_libyaml__}


@app.get("/settings")
@app.get("/settings/<dotted>")
def setting(dotted=""):
    value = yaml.load(path.read_text(), Loader=yaml.CSafeLoader)
    for key in filter(None, dotted.split(".")):
        if not isinstance(value, dict) or key not in value:
            raise HTTPError(404, "no such setting")
        value = value[key]
    return {"value": value}


if __name__ == "__main__":
    run(app, host="0.0.0.0", port=8080)
