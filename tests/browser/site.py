"""A built site behind a plain static server under a sub-path, and a browser to open it with."""

import contextlib
import functools
import http.server
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

from playwright.sync_api import Error

ROOT = Path(__file__).parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# The last five keep the browser from talking to its maker, which a closed network would refuse.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def build(folder, book=ROOT, **environment):
    """Build a book into `folder` as a reader would, warnings being errors; its html folder."""
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", str(book), "-W"]
    run = subprocess.run(
        [*command, "--path-output", str(folder)],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    if run.returncode:
        raise RuntimeError(f"the book was not built:\n{run.stdout[-3000:]}\n{run.stderr[-3000:]}")
    return folder / "_build" / "html"


@contextlib.contextmanager
def served(html, path="course"):
    """Serve a folder under a sub-path; gives the address, which ends in a slash."""
    root = html.parent / "served"
    root.mkdir(exist_ok=True)
    with contextlib.suppress(FileExistsError):  # another test's, or another process's
        (root / path).symlink_to(html, target_is_directory=True)
    handler = functools.partial(_Quiet, directory=str(root))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/{path}/"
    finally:
        server.shutdown()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


def launch(playwright):
    """Chromium: what is installed, else Playwright's own, else Debian's."""
    for path in filter(None, map(shutil.which, NAMES)):
        return playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
    with contextlib.suppress(Error):
        return playwright.chromium.launch(args=ARGUMENTS)
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"])
    with contextlib.suppress(Error):
        return playwright.chromium.launch(args=ARGUMENTS)
    if apt_get("chromium"):
        return launch(playwright)
    raise RuntimeError("No browser: install Chromium, or run `playwright install chromium`.")


def apt_get(*packages):
    """Install Debian's packages, where that may be done; whether it was."""
    if os.geteuid() or not shutil.which("apt-get"):
        return False
    for command in (["update"], ["install", "-y", *packages]):
        if subprocess.run(["apt-get", "-qq", *command]).returncode:
            return False
    return True
