"""The theme's icons are drawn into the pages, and its script goes where nothing needs it."""

import sys

import pytest

from tests.conftest import ROOT

sys.path.insert(0, str(ROOT / "book" / "_ext"))
from pagelab import icons  # noqa: E402

TAG = '<script defer src="../_static/scripts/fontawesome.js?digest=1"></script>'
# How Font Awesome 6's own file svgs/solid/angle-up.svg begins.
ANGLE_UP = (
    'viewBox="0 0 448 512"><path fill="currentColor" d="M201.4 137.4c12.5-12.5 32.8-12.5 45.3'
)


@pytest.fixture(scope="module")
def known():
    return icons.listed()


def test_an_icon_is_drawn_where_it_stood(known):
    place = '<i class="theme-switch fa-solid fa-angle-up fa-lg" data-mode="dark" title="Dark"></i>'
    page = icons.drawn(f"<head>{TAG}</head><button>{place} Up</button>", known)
    assert ANGLE_UP in page and page.endswith("</svg> Up</button>")
    assert 'fa-angle-up fa-lg" data-mode="dark" aria-hidden="true"' in page
    assert "<i" not in page and "title" not in page and "script" not in page


@pytest.mark.parametrize(
    ("place", "family"), [("fab fa-github", "fab"), ("fa-regular fa-file", "far")]
)
def test_of_each_family(known, place, family):
    page = icons.drawn(f'<i class="{place}"></i>', known)
    assert known[family][place.rpartition("fa-")[2]][-1] in page


@pytest.mark.parametrize(
    "needs",
    [
        '<i class="fa-solid fa-there-is-no-such-icon"></i>',
        '<aside class="bd-header-announcement d-print-none">',
        "DOCUMENTATION_OPTIONS.show_version_warning_banner =\n true;",
    ],
)
def test_a_page_that_needs_the_script_keeps_it(known, needs):
    assert TAG in icons.drawn(TAG + needs, known)


def test_no_page_of_the_book_needs_it(html):
    pages = [*html.glob("book/*.html"), html / "search.html"]
    assert all("svg-inline--fa" in page.read_text("utf-8") for page in pages)
    assert not (html / "_static" / icons.SCRIPT).exists()
