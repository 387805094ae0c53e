"""Draws a heat map from numbers in the query and says what is in a picture that is sent to it."""
import io
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import numpy
from PIL import Image, ImageDraw, features


def heat_map(values, cell=16):
    """A PNG with one square a value, from blue for the smallest to red for the largest."""
    numbers = numpy.array(values, dtype=float)
    span = numpy.ptp(numbers) or 1.0
    shares = (numbers - numbers.min()) / span
    picture = Image.new("RGB", (cell * len(values), cell))
    draw = ImageDraw.Draw(picture)
    for at, share in enumerate(shares):
        colour = (int(255 * share), 0, int(255 * (1 - share)))
        draw.rectangle([at * cell, 0, (at + 1) * cell - 1, cell - 1], fill=colour)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def describe(data):
    """Size and mean colour of a picture."""
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    mean = numpy.asarray(picture, dtype=float).mean(axis=(0, 1)).round(1)
    return {"width": picture.width, "height": picture.height, "mean": mean.tolist()}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        url = urlsplit(self.path)
        values = [float(value) for value in parse_qs(url.query).get("v", [])]
        match url.path:
            case "/healthz":
                formats = {name: features.check(name) for name in ("jpg", "webp", "freetype2")}
                self.answer(200, "application/json", json.dumps(formats).encode())
            case "/map.png" if values:
                self.answer(200, "image/png", heat_map(values))
            case "/describe" if values:
                self.answer(200, "application/json", json.dumps(describe(heat_map(values))).encode())
            case _:
                self.answer(404, "text/plain", b"not found\n")

    def answer(self, status, kind, body):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    ThreadingHTTPServer(("", 8000), Handler).serve_forever()
