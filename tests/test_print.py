"""The chapter on paper: one PDF of all pages, and one page printed from the browser."""

import re
import subprocess
import sys
from pathlib import Path
from unicodedata import normalize

import pypdf
import pytest
import yaml

from tests.browser import site
from tests.browser.play import ready
from tests.conftest import ROOT

PARTS = ("access", "pipeline", "checkpoint")


@pytest.fixture(scope="module")
def folder(tmp_path_factory, browser):
    """What the one command leaves; the fixture `browser` has seen to it that there is one."""
    place = tmp_path_factory.mktemp("pdf")
    tool = str(Path(sys.executable).with_name("jupyter-book"))
    command = [tool, "build", str(ROOT), "-W", "--builder", "custom", "--custom-builder", "pdf"]
    run = subprocess.run(
        [*command, "--path-output", str(place)], capture_output=True, text=True, cwd=ROOT
    )
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-2000:]
    return place / "_build" / "pdf"


@pytest.fixture(scope="module")
def pdf(folder):
    return pypdf.PdfReader(folder / "book.pdf")


@pytest.fixture(scope="module")
def sheets(pdf):
    """The text of each sheet."""
    texts = [normalize("NFKC", page.extract_text()).replace("’", "'") for page in pdf.pages]
    return [re.sub(r"\s+", " ", text).strip() for text in texts]


def chapters():
    """The titles of all pages in the order of the table of contents."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    for part in toc["parts"]:
        for chapter in part["chapters"]:
            text = (ROOT / f"{chapter['file']}.md").read_text()
            yield re.search(r"^# (.+)$", text, re.MULTILINE)[1]


def outline(entries):
    """All entries of a PDF's outline, flat."""
    for entry in entries:
        yield from outline(entry) if isinstance(entry, list) else [entry]


def test_the_chapters_are_there_in_order(pdf):
    titles = [entry.title for entry in outline(pdf.outline)]
    places = [titles.index(title) for title in chapters()]
    assert len(places) > 8 and places == sorted(places)
    numbers = [pdf.get_destination_page_number(entry) for entry in outline(pdf.outline)]
    assert numbers == sorted(numbers)


def test_no_sheet_is_empty_and_all_are_numbered(sheets):
    assert len(sheets) > 40
    for number, text in enumerate(sheets, 1):
        assert len(text) > 60, f"sheet {number} has nearly no text: {text!r}"
        assert text.split()[0] == str(number)  # at the foot, but drawn first


def test_it_is_on_a4(pdf):
    for page in pdf.pages:
        assert float(page.mediabox.width) == pytest.approx(595, abs=1)
        assert float(page.mediabox.height) == pytest.approx(842, abs=1)


def test_all_mathematics_is_set(sheets):
    text = " ".join(sheets)
    for raw in (r"\min", r"\frac", r"\(", r"\[", r"\text", "$$"):
        assert raw not in text


def test_a_still_picture_and_an_address_stand_for_each_lab(sheets):
    text = " ".join(sheets)
    for part in PARTS:
        assert f"The lab runs on the page book/{part}.html of the chapter's site." in text
    for screen in ("Fetching Python", "needs JavaScript", "Open as notebook Open",
                   "Choose your track", "Click to show", "Click to hide"):  # fmt: skip
        assert screen not in text


def test_hidden_answers_are_shown(sheets):
    text = " ".join(sheets)
    count = 0
    for part in PARTS:
        for answer in _answers((ROOT / f"book/{part}.md").read_text()):
            count += 1
            assert answer in text
    assert count > 3


def _answers(markdown):
    """The first plain words of each answer that is folded away."""
    blocks = re.findall(r"^`{3,}\{solution\}.*?\n((?::.*\n)*)\n?([^`$\n*]{12,60})", markdown, re.M)
    for options, start in blocks:
        if "dropdown" in options:
            words = start.split()
            yield " ".join(words[:5])


def test_every_link_leads_somewhere(pdf):
    inside = outside = 0
    for page in pdf.pages:
        for annotation in page.get("/Annots") or ():
            note = annotation.get_object()
            address = (note.get("/A") or {}).get("/URI")
            if address is None:
                inside += 1
                assert note.get("/Dest") or note.get("/A", {}).get("/D"), note
            else:
                outside += 1
                assert address.startswith(("https://", "http://")), address
    assert inside > 50 and outside > 20


def test_a_page_printed_from_the_browser_has_the_picture_too(html, browser, tmp_path):
    with site.served(html) as address:
        page = browser.new_page()
        page.goto(f"{address}book/access.html")
        ready(page)
        assert not page.locator(".iowall-print").is_visible()
        page.emulate_media(media="print")
        assert page.locator(".iowall-print svg").is_visible()
        assert not page.locator(".iowall-lab").is_visible()
        page.pdf(path=tmp_path / "access.pdf", prefer_css_page_size=True)
        page.close()
    text = " ".join(one.extract_text() for one in pypdf.PdfReader(tmp_path / "access.pdf").pages)
    assert "Choose your track" not in text and "The lab runs on the page book/access.html" in text
