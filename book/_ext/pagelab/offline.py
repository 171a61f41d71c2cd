"""What a reader's device keeps of the site: a list of its files, and a service worker.

One idea: the list gives each file its hash, and the worker (sw.js) uses no file that has another.
It is our own because the usual precaching, Workbox's, keeps one version per worker: the reader
would see a new one at the visit after next, or get it under an open page.
"""

import fnmatch
import hashlib
import json
from pathlib import Path

from . import served
from .parts import write

LIST, WORKER = "offline.json", "sw.js"

# Kept when asked for, not before: what a page seldom or never does.
REST = [
    "_downloads/*",
    "_sources/*",
    "_static/locales/*",
    "_static/mathjax/es5/a11y/*",
    "_static/mathjax/es5/sre/*",
    "*webpack-macros.html",
    "*.LICENSE.txt",
    "*.map",
    "*.ttf",
    "*.eot",
    "lite/build/fa-*.svg",  # fonts for browsers that run no Python
    "lite/build/third-party-licenses.json",
    "objects.inv",
]
NEVER = [LIST, WORKER, ".*", "lite/built-from.txt", "lite/service-worker.js"]


def publish(site, prefix):
    """Write the list of a finished site's files, and the worker that reads it."""
    files = {"book": {}, "notebook": {}, "rest": {}}
    manifest = json.loads((site / "runtime/page/manifest.json").read_text(encoding="utf-8"))
    page = {f"runtime/{name}" for name in [*manifest["files"], "page/manifest.json"]}
    for path in sorted(path for path in site.rglob("*") if path.is_file()):
        name, data = path.relative_to(site).as_posix(), path.read_bytes()
        if not _matches(name, NEVER):
            entry = [hashlib.sha256(data).hexdigest()[:32], len(data)]
            files[_part(name, page)][name] = entry
    write(site / WORKER, served.text(Path(__file__).with_name(WORKER), prefix).encode())
    write(site / LIST, json.dumps(files, separators=(",", ":")).encode())


def _part(name, page):
    """When it is kept: with the book, with the first notebook, or when it is asked for."""
    if _matches(name, REST):
        return "rest"
    if name.startswith("runtime/web/") or name in page:
        return "book"
    return "notebook" if name.startswith(("lite/", "runtime/")) else "book"


def _matches(name, patterns):
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)
