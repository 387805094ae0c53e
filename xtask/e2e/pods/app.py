"""Answers with what it was given at its start: arguments, variables, files."""

import http.server
import json
import os
import sys


def text(path):
    with open(path) as file:
        return file.read().strip()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps(FACTS, sort_keys=True).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


FACTS = {
    "args": sys.argv[1:],
    "greeting": os.environ.get("GREETING"),
    "pod": os.environ.get("POD"),
    "files": {path: text(path) for path in os.environ.get("FILES", "/app/words.txt").split(":")},
    "user": [os.getuid(), os.getgid(), sorted(os.getgroups())],
}
if "STATE" in os.environ:
    with open(os.environ["STATE"], "w") as file:
        file.write("written\n")
http.server.HTTPServer((os.environ["LISTEN"], 8080), Handler).serve_forever()
