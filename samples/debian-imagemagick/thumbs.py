"""Serves small coloured pictures, drawn by ImageMagick."""

import re
import subprocess
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def draw(colour: str, size: int) -> bytes:
    command = ["convert", "-size", f"{size}x{size}", f"xc:{colour}", "-resize", "50%", "png:-"]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=20).stdout


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/health":
            return self.answer(200, "text/plain", b"ok")
        wanted = re.fullmatch(r"/([a-z]+)/(\d{1,3})", self.path)
        if wanted is None:
            return self.answer(404, "text/plain", b"no such picture")
        return self.answer(200, "image/png", draw(wanted[1], int(wanted[2])))

    def answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


if __name__ == "__main__":
    ThreadingHTTPServer(("", 8080), Handler).serve_forever()
