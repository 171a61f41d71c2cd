"""Another book uses pagelab by its documented settings, and has nothing of this one."""

import pytest
from pagelab import parts

from tests.browser import site
from tests.browser.conftest import Visit
from tests.pagelab_settings import SETTINGS

BOOK = site.ROOT / "tests" / "secondbook"
LINE = ".tiny-lab .bqplot path.line"


@pytest.fixture(scope="module")
def second(tmp_path_factory):
    """The built site; its cache has another name, so it is lent this book's."""
    folder = tmp_path_factory.mktemp("second")
    (folder / "pagelab").symlink_to(parts.cache_folder(SETTINGS.cache), target_is_directory=True)
    return site.build(folder, BOOK, XDG_CACHE_HOME=str(folder))


@pytest.fixture
def reader(browser, second):
    with site.served(second) as address:
        reader = Visit(browser, address)
        yield reader
        reader.context.close()
    assert reader.wrong == []


def drawn(page):
    page.wait_for_selector('.tiny-lab[data-state="ready"]')
    return page.locator(LINE).first.get_attribute("d")


def test_its_slider_moves_its_line(reader):
    page = reader.open("line.html?slope=2")
    flat = drawn(page)
    page.locator(".tiny-lab .noUi-handle").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "([line, before]) => document.querySelector(line).getAttribute('d') !== before",
        arg=[LINE, flat],
    )
    assert page.locator(".tiny-lab .widget-readout").inner_text() == "3"


def test_its_lab_starts_at_what_its_script_has_kept(reader):
    page = reader.open("search.html")
    page.evaluate("localStorage.setItem('tiny-slope', '7')")
    page.goto(f"{reader.address}line.html?slope=2")
    drawn(page)
    assert page.locator(".tiny-lab .widget-readout").inner_text() == "7"


def test_its_site_names_neither_this_book_nor_what_it_has_not(second):
    named = [path for path in second.rglob("*") if path.is_file() and _names_us(path)]
    assert named == []
    assert not (second / "lite").exists() and not [*second.rglob("*.whl")]


def _names_us(path):
    return b"iowall" in path.read_bytes().lower() or "iowall" in path.name
