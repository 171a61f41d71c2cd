"""A static server that sends what GitHub Pages sends, counts it, and can be a slow line.

Throttled here and not in the browser, so that it also holds for what workers fetch: one token
bucket for all connections, and a wait before each answer and on each new connection. It speaks
HTTP/1.1 where Pages speaks HTTP/2: connections share the line evenly, and nothing goes first.
"""

import contextlib
import gzip
import http.server
import os
import threading
import time

ZIPPED = (".html", ".js", ".mjs", ".css", ".json", ".svg", ".wasm")
TYPES = {".mjs": "text/javascript", ".wasm": "application/wasm", ".whl": "application/octet-stream"}
PIECE = 1 << 14  # [B]
BURST = 0.1  # [s] of the line's rate that a late sender may catch up


class Server(http.server.ThreadingHTTPServer):
    """Serves the folder above `html`, which so has a name of its own in the address."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, html):
        # The ledger's key in the browser has the path in it: the tests' and ours is /course/.
        root = html.parent / "served"
        root.mkdir(exist_ok=True)
        with contextlib.suppress(FileExistsError):
            (root / "course").symlink_to(html, target_is_directory=True)
        super().__init__(("127.0.0.1", 0), lambda *given: _Handler(*given, directory=str(root)))
        self.address = f"http://127.0.0.1:{self.server_port}/course/"
        self.before = {}  # JavaScript to put before a file, by the end of its path
        self.lock, self.bodies = threading.Lock(), {}
        self.line()
        self.reset()

    def line(self, rate=None, latency=0.0):
        """From now on a line of so many bytes and seconds; none: as fast as the machine."""
        self.rate, self.latency, self.free = rate, latency, 0.0

    def reset(self):
        self.pieces, self.requests = [], []

    def until(self, when):
        """Bytes of bodies, and requests, until a time of the clock."""
        size = sum(count for at, count in self.pieces if at <= when)
        return size, sum(at <= when for at in self.requests)

    def send(self, out, data):
        for begin in range(0, len(data), PIECE):
            piece = data[begin : begin + PIECE]
            if self.rate:
                with self.lock:
                    self.free = max(time.time() - BURST, self.free) + len(piece) / self.rate
                    pause = self.free - time.time()
                time.sleep(max(0.0, pause))
            out.write(piece)
            self.pieces.append((time.time(), len(piece)))

    def body(self, path):
        """A file as it is sent, and its encoding. Zipped once: Pages does not wait for it."""
        status = os.stat(path)
        key = (path, status.st_mtime_ns, "".join(self.before.values()))
        if key not in self.bodies:
            with open(path, "rb") as file:
                data = file.read()
            for end, script in self.before.items():
                data = script.encode() + data if path.endswith(end) else data
            zipped = path.endswith(ZIPPED)
            self.bodies[key] = (gzip.compress(data, 6), "gzip") if zipped else (data, None)
        return *self.bodies[key], f'"{status.st_mtime_ns:x}"'

    def handle_error(self, request, client_address):
        pass  # a browser that was closed


class _Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    extensions_map = http.server.SimpleHTTPRequestHandler.extensions_map | TYPES

    def setup(self):
        time.sleep(self.server.latency)  # the handshake
        super().setup()

    def do_GET(self):
        self.server.requests.append(time.time())
        time.sleep(self.server.latency)
        path = self.translate_path(self.path)
        path = os.path.join(path, "index.html") if os.path.isdir(path) else path
        if not os.path.isfile(path):
            return self.send_error(404)
        data, encoding, tag = self.server.body(path)
        known = self.headers.get("If-None-Match") == tag
        self.send_response(304 if known else 200)
        self.send_header("Cache-Control", "max-age=600")  # as on Pages
        self.send_header("ETag", tag)
        self.send_header("Vary", "Accept-Encoding")
        if not known:
            self.send_header("Content-Type", self.guess_type(path))
            self.send_header("Content-Length", str(len(data)))
            if encoding:
                self.send_header("Content-Encoding", encoding)
        self.end_headers()
        if not known:
            self.server.send(self.wfile, data)

    def log_message(self, *arguments):
        pass


@contextlib.contextmanager
def serving(html):
    server = Server(html)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
