"""The site on a server with faults."""

import contextlib
import http.server
import mimetypes
import socket
import threading
import time
from urllib.parse import unquote, urlsplit

PATH = "/course"
SCRIPTS = "_static/iowall/"
FAULTS = ["missing", "refused", "cut", "short", "wrong"]
PIECE, SLOW_PIECE = 1_000_000, 4_096  # bytes that are sent at once


class Host:
    """As GitHub's pages it lets the browser keep files for a while, right or wrong."""

    def __init__(self, folder):
        self.folder, self.asked = folder, []  # another folder is another version of the site
        self.faults = {}  # path -> one of FAULTS, or "stalled"
        self.down = False
        self.slow, self.rate, self.latency = (), 0, 0  # paths; bytes per second, and seconds
        self.go_on = threading.Event()
        self._line = threading.Lock()
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.address = f"http://127.0.0.1:{self._server.server_port}{PATH}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self):
        self.down = True
        self.go_on.set()
        self._server.shutdown()
        self._server.server_close()  # else the browser would wait for an answer

    def body(self, path):
        """What arrives of a file, and how long it is said to be."""
        whole, fault = (self.folder / path).read_bytes(), self.faults.get(path)
        half = len(whole) // 2
        if fault == "short":
            return whole[:half], half
        if fault == "cut":
            return whole[:half], len(whole)
        if fault == "wrong" and path.startswith(SCRIPTS):  # nobody knows their hash
            return whole[:half] + b"\\" * (len(whole) - half), len(whole)
        if fault == "wrong":
            return whole[:half] + bytes([whole[half] ^ 1]) + whole[half + 1 :], len(whole)
        return whole, len(whole)

    def _handler(host):  # noqa: N805
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                path = unquote(urlsplit(self.path).path).removeprefix(f"{PATH}/")
                host.asked.append(path)
                if host.down:
                    return self.connection.shutdown(socket.SHUT_RDWR)
                status = {"missing": 404, "refused": 500}.get(host.faults.get(path))
                if status or not (host.folder / path).is_file():
                    return self.send_error(status or 404)
                self._send(path, *host.body(path))

            def _send(self, path, body, length):
                self.send_response(200)
                kind = "text/javascript" if path.endswith("mjs") else mimetypes.guess_type(path)[0]
                self.send_header("Content-Type", kind or "application/octet-stream")
                self.send_header("Content-Length", str(length))
                self.send_header("Cache-Control", "max-age=600")
                self.end_headers()
                rate = host.rate if path in host.slow else 0
                if rate:
                    time.sleep(host.latency)
                if host.faults.get(path) == "stalled":
                    self.wfile.write(body[: length // 2])
                    host.go_on.wait()
                    return self.wfile.write(body[length // 2 :])
                piece = SLOW_PIECE if rate else PIECE
                for at in range(0, length, piece):
                    if host.down:
                        return self.connection.shutdown(socket.SHUT_RDWR)
                    if rate:
                        with host._line:
                            time.sleep(piece / rate)
                    self.wfile.write(body[at : at + piece])

            def handle(self):
                with contextlib.suppress(OSError):  # the reader has gone
                    super().handle()

            def log_message(self, *arguments):
                pass

        return Handler
