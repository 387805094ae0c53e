import os
from http.server import BaseHTTPRequestHandler, HTTPServer

with open(os.environ["GREETER_CONFIG"], encoding="utf-8") as file:
    SETTINGS = dict(line.rstrip("\n").split("=", 1) for line in file)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = f"{SETTINGS['greeting']}, world\n".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        self.wfile.write(body)


HTTPServer(("", 8000), Handler).serve_forever()
