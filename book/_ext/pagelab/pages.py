"""The finished pages, gone through once: icons drawn, scripts that can wait, a policy."""

import re

from . import icons, policy
from .parts import write

# Sphinx and the theme have a page wait for scripts that its text does without. It does not do
# without early.js, start.js, and what inline scripts speak to.
_SYNCHRONOUS = re.compile(
    r"<script (?=(?:data-sd[^>]*)?src=)(?![^>]*(?:early|start|documentation_options)\.js)"
)


def finish(site):
    """Go through the pages of a built site; the second time nothing changes."""
    # Not the templates that the theme leaves behind.
    paths = [path for path in site.rglob("*.html") if path.parts[len(site.parts)] != "_static"]
    written = {path: path.read_bytes().decode() for path in paths}
    known = icons.listed()
    pages = {}
    for path, html in written.items():
        if not path.is_relative_to(site / "lite"):
            html = _SYNCHRONOUS.sub("<script defer ", icons.drawn(html, known))
        pages[path] = html
    if not any(icons.SCRIPT in html for html in pages.values()):
        (site / "_static" / icons.SCRIPT).unlink(missing_ok=True)
    for path, html in policy.allowed(pages, lite=site / "lite").items():
        if html != written[path]:
            write(path, html.encode())
