"""Every page and every state of every lab under axe-core, light and dark, wide and narrow.

    python -m tests.bench.readers [WORD]

Prints what was found and how much was looked at; with a word, only where it occurs in the name.
"""

import sys
import tempfile
from functools import partial
from pathlib import Path

from playwright.sync_api import sync_playwright

from iowall.parts import PARTS
from iowall.scenarios import TRACKS
from tests.browser import site
from tests.browser import test_readers as readers


def walks():
    """Names, and what walks through the states of each, given a page and the site's address."""
    for name in readers.pages():
        yield name, partial(readers.page_states, name=name)
    for part in PARTS:
        yield f"{part} starting", partial(readers.start_states, part=part)
        for track in TRACKS:
            yield f"{part} {track}", partial(readers.lab_states, part=part, track=track)
    yield "report", readers.report_states


def look(browser, address, word):
    """(visit, state, scheme, width, violations) of each look."""
    for name, walk in walks():
        if word not in name:
            continue
        context = browser.new_context()
        context.set_default_timeout(60_000)
        page = context.new_page()
        for state in walk(page, address):
            for scheme, width in readers.looks(page):
                yield name, state, scheme, width, readers.violations(page)
        context.close()


def run(word=""):
    """How many visits, states and looks there were, and where each different violation was: ours,
    and those of what the book is made with.
    """
    visits, states, looks, found = set(), set(), 0, {}
    known = readers.THEME | readers.REFERENCES
    with tempfile.TemporaryDirectory() as folder:
        html = site.build(Path(folder))
        with site.served(html) as address, sync_playwright() as playwright:
            browser = site.launch(playwright)
            for name, state, scheme, width, wrong in look(browser, address, word):
                visits.add(name)
                states.add((name, state))
                looks += 1
                where = f"{name}, {state}, {scheme}, {width} px"
                for one in readers.left(wrong):
                    found.setdefault(one, []).append(where)
                print(f"{where}: {len(wrong)}", file=sys.stderr, flush=True)
            browser.close()
    return {
        "visits": len(visits),
        "states": len(states),
        "looks": looks,
        "violations": {one: places for one, places in found.items() if one not in known},
        "known": {one: places for one, places in found.items() if one in known},
    }


def main(word=""):
    figures = run(word)
    for one, places in figures["violations"].items():
        print(f"{places[0]}:", *one, f"and {len(places) - 1} times more", sep="\n    ")
    print(
        f"{figures['visits']} pages and labs, {figures['states']} states × "
        f"{len(readers.SCHEMES)} schemes × {len(readers.WIDTHS)} widths = {figures['looks']} "
        f"looks: {len(figures['violations'])} different violations of ours, "
        f"{len(figures['known'])} of others'."
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
