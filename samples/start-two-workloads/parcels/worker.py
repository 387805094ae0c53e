"""Takes parcels out of the queue, and says on a port of its own how many."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from . import queue

done = 0


class Metrics(BaseHTTPRequestHandler):
    def do_GET(self):
        body = f"parcels_done_total {done}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def main():
    global done
    threading.Thread(target=ThreadingHTTPServer(("", 9100), Metrics).serve_forever, daemon=True).start()
    while True:
        for path in queue.waiting():
            parcel = json.loads(path.read_text())
            print("delivered", parcel.get("to"))
            path.unlink()
            done += 1
        time.sleep(1)


if __name__ == "__main__":
    main()
