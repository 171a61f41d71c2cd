"""Every link of the built site leads somewhere, and its search finds what the chapter is about."""

import json
import re
from html.parser import HTMLParser
from urllib.parse import parse_qs, unquote, urljoin, urlsplit

import pytest

from iowall.labs import access, checkpoint, pipeline

SITE = "https://site.invalid/"
NAMES = {"a": "href", "link": "href", "script": "src", "img": "src", "iframe": "src"}


class Page(HTMLParser):
    """What a page points to, and what can be pointed to in it."""

    def __init__(self, text):
        super().__init__()
        self.links, self.anchors = [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.anchors |= {given[name] for name in ("id", "name") if given.get(name)}
        if given.get(NAMES.get(tag)):
            self.links.append(given[NAMES[tag]])


@pytest.fixture(scope="module")
def pages(html):
    """All pages of the book, {path: Page}; those of JupyterLite come from elsewhere."""
    paths = [*html.glob("*.html"), *html.glob("book/**/*.html")]
    assert len(paths) > 8
    return {path.relative_to(html).as_posix(): Page(path.read_text()) for path in paths}


def test_every_internal_link_resolves(pages, html):
    checked = 0
    for path, page in pages.items():
        for link in page.links:
            to = urlsplit(urljoin(SITE + path, link))
            if f"{to.scheme}://{to.netloc}/" != SITE:
                continue
            checked += 1
            name = unquote(to.path).lstrip("/")
            target = html / name
            if target.is_dir():
                name, target = f"{name}/index.html".lstrip("/"), target / "index.html"
            assert target.is_file(), f"{path} links to {link}, which is not there"
            if to.fragment and name in pages:
                there = unquote(to.fragment) in pages[name].anchors
                assert there, f"{path} links to {link}: no such anchor"
            if notebook := parse_qs(to.query).get("path"):
                assert (html / "lite/files" / notebook[0]).is_file(), f"{path} links to {link}"
    assert checked > 500


def test_every_lab_can_be_linked_to(pages):
    for part in ("access", "pipeline", "checkpoint", "ledger"):
        assert "lab" in pages[f"book/{part}.html"].anchors


@pytest.fixture(scope="module")
def found(html):
    """Which pages the site's search finds for a word, as its script would look it up."""
    from sphinx.search.en import SearchEnglish

    index = json.loads(
        (html / "searchindex.js").read_text().removeprefix("Search.setIndex(").removesuffix(")")
    )
    language = SearchEnglish({})

    def pages(words):
        hits = []
        for word in re.findall(r"\w+", words):
            stem = language.stem(word.lower())
            entries = [index["terms"].get(stem, []), index["titleterms"].get(stem, [])]
            numbers = {n for one in entries for n in (one if isinstance(one, list) else [one])}
            hits.append({index["docnames"][n] for n in numbers})
        return set.intersection(*hits)

    return pages


@pytest.mark.parametrize("lab", [access, pipeline, checkpoint], ids=lambda lab: lab.__name__)
def test_the_search_finds_a_labs_instruments_on_its_page(found, lab):
    page = f"book/{lab.__name__.rpartition('.')[2]}"
    for instrument in lab.INSTRUMENTS:
        assert page in found(instrument.kind), instrument.kind


@pytest.mark.parametrize(
    "words",
    ["waterfall", "throughput curve", "Sankey", "gauge", "saturation", "Young", "Daly", "ledger",
     "bandwidth", "latency", "IOPS", "prefetch", "checkpoint"],
)  # fmt: skip
def test_the_search_finds_the_key_terms(found, words):
    assert found(words)


def test_the_search_does_not_find_everything(found):
    assert not found("blockchain")
