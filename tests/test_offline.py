"""What the build writes for reading offline, and the policy of each page."""

import html
import json
import re
import sys

import pytest

from tests.conftest import ROOT

sys.path.insert(0, str(ROOT / "book" / "_ext"))
from pagelab import offline, pages, policy  # noqa: E402

# The example of a hash in the Content Security Policy specification and its tutorials.
SCRIPT = "alert('Hello, world.');"
HASH = "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='"


@pytest.fixture
def small(tmp_path):
    """A site of a few files, as a build leaves it."""
    manifest = {"files": {"pyodide.asm.wasm": 4, "page/python.zip": 3}}
    for name, text in {
        "index.html": "<p>front",
        "book/intro.html": f"<html><head><meta charset='utf-8'><script>{SCRIPT}</script></head>",
        "_static/theme.js": "theme",
        "_static/theme.js.map": "map",
        "runtime/pyodide.asm.wasm": "wasm",
        "runtime/page/python.zip": "zip",
        "runtime/page/manifest.json": json.dumps(manifest),
        "runtime/python_stdlib.zip": "for notebooks",
        "runtime/web/bqplot.js": "bqplot",
        "lite/notebooks/index.html": "<html><head></head>",
        "lite/service-worker.js": "never registered",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_the_list_says_what_is_kept_when(small):
    offline.publish(small, "iowall")
    listed = json.loads((small / "offline.json").read_text())
    assert {part: set(files) for part, files in listed.items()} == {
        "book": {
            "index.html",
            "book/intro.html",
            "_static/theme.js",
            "runtime/pyodide.asm.wasm",
            "runtime/page/python.zip",
            "runtime/page/manifest.json",
            "runtime/web/bqplot.js",
        },
        "notebook": {"runtime/python_stdlib.zip", "lite/notebooks/index.html"},
        "rest": {"_static/theme.js.map"},
    }
    # printf wasm | sha256sum
    assert listed["book"]["runtime/pyodide.asm.wasm"] == ["336154bf67f765f8f75d16a0accee61b", 4]


def test_the_same_site_has_the_same_list(small):
    offline.publish(small, "iowall")
    first = (small / "offline.json").read_bytes()
    offline.publish(small, "iowall")
    assert (small / "offline.json").read_bytes() == first
    (small / "_static/theme.js").write_text("other")
    offline.publish(small, "iowall")
    assert (small / "offline.json").read_bytes() != first


def test_a_page_allows_its_own_scripts_by_their_hash(small):
    pages.finish(small)
    page = (small / "book/intro.html").read_text()
    assert HASH in _policy(page)["script-src"]
    assert "'unsafe-inline'" not in _policy(page)["script-src"]
    assert page.index("Content-Security-Policy") < page.index("<script")
    assert page.index("charset") < page.index("Content-Security-Policy")
    assert HASH not in _policy((small / "lite/notebooks/index.html").read_text())["script-src"]


def test_a_second_build_changes_nothing(small):
    pages.finish(small)
    first = (small / "book/intro.html").read_bytes()
    pages.finish(small)
    assert (small / "book/intro.html").read_bytes() == first


def test_a_handler_of_one_page_is_allowed_on_all(small):
    (small / "book/intro.html").write_text('<head></head><button onclick="f(&quot;a&quot;)">')
    pages.finish(small)
    allowed = policy._hash('f("a")')
    for name in ("book/intro.html", "index.html"):
        sources = _policy((small / name).read_text())["script-src"]
        assert allowed in sources and "'unsafe-hashes'" in sources


def test_data_in_a_script_is_no_script():
    text = f'<script type="application/json">{SCRIPT}</script><script src="a.js"></script>'
    assert HASH not in policy.policy(text)
    assert HASH in policy.policy(f'<script type="module">{SCRIPT}</script>')


def _policy(page):
    [content] = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    directives = (one.split() for one in html.unescape(content).split("; "))
    return {name: sources for name, *sources in directives}
