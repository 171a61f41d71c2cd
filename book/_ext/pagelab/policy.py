"""A Content-Security-Policy in every page: what the site does not serve itself is not run or asked.

One idea: the inline scripts that the theme writes are allowed by their hash, worked out from the
finished pages, so the policy is as narrow as the page and nobody keeps a list.
"""

import base64
import hashlib
import re
from html import escape
from html.parser import HTMLParser

POLICY = {
    "default-src": ["'self'"],
    "style-src": ["'self'", "'unsafe-inline'"],  # widgets and figures set theirs while they run
    "img-src": ["'self'", "data:", "blob:"],
    "font-src": ["'self'", "data:"],
    "object-src": ["'none'"],
    "base-uri": ["'self'"],
    "form-action": ["'self'"],
}
# anywidget imports the script of a widget from a blob: address.
LAB = ["blob:"]
# JupyterLab compiles the schema of each setting into a function.
LITE = ["blob:", "'unsafe-eval'"]

_OLD = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
_HEAD = re.compile(r"<head[^>]*>")
_CHARSET = re.compile(r"<head[^>]*>(?:(?!<script).)*?<meta charset=[^>]*>", re.DOTALL)


def allowed(pages, *, lite):
    """Pages, {path: html}, each with its policy; those under `lite` are JupyterLite's."""
    pages = {path: _OLD.sub("", html) for path, html in pages.items()}
    # The search reads other pages with the handlers of their buttons.
    handlers = set().union(*(_Scripts(html).handlers for html in pages.values()))
    for path, html in pages.items():
        more = LITE if path.is_relative_to(lite) else LAB if ' data-lab="' in html else []
        content = escape(policy(html, more, handlers), quote=False)
        meta = f'<meta http-equiv="Content-Security-Policy" content="{content}">'
        if 'rel="icon"' not in html:  # else a browser looks for one at the top of the host
            meta += '<link rel="icon" href="data:,">'
        # Behind the encoding, which a browser looks for in the first kilobyte only.
        place = _CHARSET.search(html) or _HEAD.search(html)
        end = place.end() if place else 0
        pages[path] = html[:end] + meta + html[end:]
    return pages


def policy(html, more=(), handlers=()):
    """The policy for a page that also needs `more` sources of scripts and these event handlers."""
    sources = ["'self'", *more, *sorted(map(_hash, _Scripts(html).inline))]
    if handlers:
        sources += ["'unsafe-hashes'", *sorted(map(_hash, handlers))]
    directives = POLICY | {"script-src": sources}
    return "; ".join(" ".join([name, *values]) for name, values in directives.items())


def _hash(script):
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


class _Scripts(HTMLParser):
    """Collects the scripts and event handlers that stand in a page."""

    def __init__(self, html):
        super().__init__()
        self.inline, self.handlers, self._reading = set(), set(), False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        runs = attrs.get("type") in (None, "", "module", "text/javascript")
        self._reading = tag == "script" and "src" not in attrs and runs
        self.handlers |= {value for name, value in attrs.items() if name.startswith("on")}

    def handle_endtag(self, tag):
        self._reading = False

    def handle_data(self, data):
        if self._reading:
            self.inline.add(data)
