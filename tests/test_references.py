"""Who is cited is listed, who is listed can be found, and what was not read says so."""

import re

import pytest
from pybtex.database import parse_file

CITATION = re.compile(r"\{cite(?::[a-z]+)?\}`([^`]+)`")


def cited(text):
    """The keys that a page cites."""
    return {
        key.strip() for keys in CITATION.findall(text) for key in keys.split(",") if key.strip()
    }


@pytest.fixture(scope="module")
def entries(root):
    return parse_file(root / "book" / "references.bib", bib_format="bibtex").entries


@pytest.fixture(scope="module")
def pages(root):
    return {page.name: page.read_text("utf-8") for page in (root / "book").glob("*.md")}


def test_the_keys_of_a_citation():
    assert cited("as {cite:t}`one2001` and others {cite:p}`two, three` do") == {
        "one2001",
        "two",
        "three",
    }


def test_what_a_page_cites_is_in_the_list(entries, pages):
    missing = {
        name: sorted(cited(text) - set(entries))
        for name, text in pages.items()
        if cited(text) - set(entries)
    }
    assert not missing


def test_what_is_in_the_list_is_shown(entries, pages):
    shown = set().union(*map(cited, pages.values()))
    if not re.search(r"```\{bibliography\}\n(:.*\n)*?:all:", pages["references.md"]):
        assert set(entries) <= shown


def test_each_entry_can_be_found(entries):
    for key, entry in entries.items():
        fields = entry.fields
        assert {"doi", "eprint", "url"} & set(fields), key
        assert fields["title"] and fields["year"] and entry.persons["author"], key
        if "doi" in fields:
            assert re.fullmatch(r"10\.\d{4,}/\S+", fields["doi"]), key
        if "eprint" in fields:
            assert fields["eprinttype"] == "arxiv", key
            assert re.fullmatch(r"\d{4}\.\d{5}", fields["eprint"]), key
        if "url" in fields:
            assert fields["url"].startswith("https://"), key


# Marked in the fact table as known only through a text that quotes or restates it.
SECOND_HAND = (
    "young1974 daly2006 little1961 kokolis2025 wang2023gemini wan2025bytecheckpoint "
    "mohan2021checkfreq eisenman2022checknrun xue2024powerinfer2 alizadeh2024flash "
    "sheng2023flexgen dlio che2002 winbondw25q puyapy25q edr563 unr157"
).split()


def test_what_was_not_read_in_the_original_says_so(entries):
    assert {
        key for key, entry in entries.items() if "read" in entry.fields.get("note", "").lower()
    } == set(SECOND_HAND)


def test_two_entries_are_not_one_work(entries):
    for field in ("doi", "eprint", "title"):
        values = [
            entry.fields[field].lower() for entry in entries.values() if field in entry.fields
        ]
        assert len(values) == len(set(values)), field
