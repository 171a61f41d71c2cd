"""How long a reader waits for the first live figure, beside what anyone else would wait.

    python -m tests.bench.start [--rounds 5] [--profile]

Each round visits, in a browser and a profile of its own: our page, our notebook, a stock
JupyterLite notebook of the same plot, and stock Pyodide importing NumPy (no widgets, no figure: the
floor of any Python lab); then each a second time in that profile. At last each once over a slow
line. All from one server, which sends what GitHub Pages sends. The reader has locked a prediction
before, so that the first thing to be drawn is the workbench. Times are from navigation; on a busy
machine trust the ratios. `--profile` shows instead where the time of one first visit goes.
"""

import argparse
import contextlib
import os
import statistics
import sys
import tempfile
import time
import urllib.request
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Error, sync_playwright

from tests.bench import phases, stock
from tests.bench.server import serving
from tests.bench.slider import slow
from tests.bench.visit import LINE, browser, visit
from tests.browser import site

PAGE, NOTEBOOK = "our page", "our notebook"
RIVAL, FLOOR = "stock notebook", "stock Pyodide with NumPy"
MOVES = 20  # of a slider, in each round
COLD, WARM, SLOW = "First visit", "Second visit, same profile", "First visit, 10 Mbit/s and 40 ms"


@dataclass(frozen=True)
class Way:
    path: str
    slider: bool = True


def say(text):
    print(text, file=sys.stderr, flush=True)


def lay(html):
    """The ways that can be had here, and why not all; the rivals are laid beside our site."""
    ways = {
        PAGE: Way("book/access.html"),
        NOTEBOOK: Way("lite/notebooks/index.html?path=01_access_patterns.ipynb"),
    }
    missing = []
    for name, folder, slider, make in (
        (FLOOR, "stock", False, stock.lay_numpy),
        (RIVAL, "stock-lite", True, stock.lay_notebook),
    ):
        try:
            with contextlib.redirect_stdout(sys.stderr):  # what it fetches is progress
                ways[name] = Way(f"{folder}/{make(html / folder)}", slider)
        except stock.parts.PartError as error:
            missing.append(f"Not measured: {name}. {error}")
    return ways, missing


def measure(playwright, server, ways, missing, rounds):
    """{kind of visit: {way: [what was seen]}}"""
    seen = defaultdict(lambda: defaultdict(list))

    def stay(way, *kinds, keep=True):
        with tempfile.TemporaryDirectory() as profile, browser(playwright, profile) as context:
            for kind in kinds:
                moves = MOVES if kind == WARM else 0
                one = visit(context, server, ways[way], profile=profile, moves=moves)
                say(f"{kind:34}{way:26}{one.figure:7.2f} s")
                if keep:
                    seen[kind][way].append(one)

    for way in list(ways):  # one visit for the server, which zips each file when it is first asked
        try:
            stay(way, "Trial", keep=False)
        except Error as error:
            if way in (PAGE, NOTEBOOK):
                raise
            missing.append(f"Not measured: {way}. {str(error).splitlines()[0]}")
            del ways[way]
    names = list(ways)
    for number in range(rounds):
        turn = number % len(names)
        for way in names[turn:] + names[:turn]:
            stay(way, COLD, WARM)
    server.line(**LINE)
    for way in names:
        stay(way, SLOW)
    return seen


def line_speed(server):
    """Mbit/s of the slow line, for a file that is sent as it is."""
    server.line(**LINE)
    begin = time.perf_counter()
    with urllib.request.urlopen(server.address + "runtime/pyodide.asm.wasm") as answer:
        size = len(answer.read())
    server.line()
    return 8e-6 * size / (time.perf_counter() - begin)


def middle(runs, name):
    values = [getattr(run, name) for run in runs]
    return None if None in values else statistics.median(values)


def cell(runs, name):
    """Median and spread of some seconds."""
    if middle(runs, name) is None:
        return "–"
    values = [getattr(run, name) for run in runs]
    spread = f" ({min(values):.2f}–{max(values):.2f})" if len(values) > 1 else ""
    return f"{middle(runs, name):.2f}{spread}"


def table(title, seen):
    rounds = len(next(iter(seen.values())))
    print(f"\n**{title}**, median (range) of {rounds}, seconds\n")
    print("| | useful paint | live figure | answer to a slider | MB | requests | memory, MB |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    for way, runs in seen.items():
        times = " | ".join(cell(runs, name) for name in ("useful", "figure", "answer"))
        memory = middle(runs, "memory")
        memory = "n/a" if memory is None else f"{memory / 1e6:.0f}"
        size, requests = middle(runs, "size") / 1e6, middle(runs, "requests")
        print(f"| {way} | {times} | {size:.1f} | {requests:.0f} | {memory} |")


def slider_times(runs):
    """Milliseconds of all rounds: round trips, with the frame painted after them, moves."""
    return [sum(map(list, times), []) for times in zip(*(run.slider for run in runs), strict=True)]


def slider_table(seen):
    print("\n**A key on a slider**, ms, p50 and p95\n")
    print("| | empty round trip | and a painted frame | slider to painted figure | moves |")
    print("|---|--:|--:|--:|--:|")
    for way, runs in seen.items():
        if runs[0].slider:
            times = slider_times(runs)
            told = " | ".join(f"{statistics.median(ms):.1f}, {slow(ms):.1f}" for ms in times)
            print(f"| {way} | {told} | {len(times[0])} |")


def aims(seen):
    """(what, value, aim) of all that was measured."""

    def ratio(kind, way, other_kind, other, name="figure"):
        both = seen[kind].get(way), seen[other_kind].get(other)
        return middle(both[0], name) / middle(both[1], name) if all(both) else None

    yield "live figure: our page / stock Pyodide with NumPy", ratio(COLD, PAGE, COLD, FLOOR), 0.8
    yield "live figure: our page / stock notebook", ratio(COLD, PAGE, COLD, RIVAL), 0.2
    yield "live figure: our page, second visit / first", ratio(WARM, PAGE, COLD, PAGE), 0.6
    yield "live figure: our notebook / stock notebook", ratio(COLD, NOTEBOOK, COLD, RIVAL), 0.5
    trips, frames, moves = slider_times(seen[WARM][PAGE])
    yield "slider / empty round trip, p95", slow(moves) / slow(trips), 2
    yield "slider / empty round trip and a painted frame, p95", slow(moves) / slow(frames), 2
    yield "MB before the live figure: our page", middle(seen[COLD][PAGE], "size") / 1e6, 12
    yield "useful paint at 10 Mbit/s: our page, s", middle(seen[SLOW][PAGE], "useful"), 1


def aims_table(seen):
    print("\n| | | aim | |\n|---|--:|--:|---|")
    for what, value, aim in aims(seen):
        if value is None:
            print(f"| {what} | – | ≤ {aim} | not measured |")
        else:
            print(f"| {what} | {value:.2f} | ≤ {aim} | {'met' if value <= aim else 'missed'} |")


def main(rounds, profile):
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        say("building the site …")
        html = site.build(Path(folder))
        with site.launch(playwright) as one:
            machine = f"Chromium {one.version}, {os.cpu_count()} cores"
        with serving(html) as server:
            if profile:
                return phases.show(playwright, server, Way("book/access.html"))
            ways, missing = lay(html)
            speed = line_speed(server)
            seen = measure(playwright, server, ways, missing, rounds)
    print(f"{machine}; the slow line gave {speed:.1f} Mbit/s", *missing, sep="\n")
    for kind in (COLD, WARM, SLOW):
        table(kind, seen[kind])
    slider_table(seen[WARM])
    aims_table(seen)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--profile", action="store_true")
    main(**vars(parser.parse_args()))
