"""Serves a folder of notes that a cron job writes."""

import datetime
import http.server
import pathlib

folder = pathlib.Path("/var/lib/notes")


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/status":
            self.answer(200, f"up since {started:%H:%M:%S}\n")
        elif self.path == "/":
            names = sorted(path.name for path in folder.glob("*.txt"))
            self.answer(200, "".join(f"{name}\n" for name in names))
        else:
            self.answer(404, "not found\n")

    def answer(self, status, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    started = datetime.datetime.now()
    http.server.ThreadingHTTPServer(("", 8080), Handler).serve_forever()
