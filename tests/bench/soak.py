"""Thousands of moves in one page: what it holds at the end beside the start, and how fast it is.

    python -m tests.bench.soak [--part pipeline] [--moves 10000]

Keys go to the lab's sliders as a reader's would, one after another, and now and then to one of its
choices. A move lasts from its key to the frame in which all that follows from it is there. Before
anything is counted, every control is back at its first step and the garbage collected: what has
grown then has leaked.
"""

import argparse
import json
import random
import statistics
import sys
import tempfile
from functools import partial
from pathlib import Path

import psutil
from playwright.sync_api import sync_playwright

from iowall import ledger
from tests.bench import slider, visit
from tests.browser import site
from tests.browser.play import locked, ready, seed

ENDS = 200  # moves at either end whose latencies are compared
COUNTS = 5  # how often what the page holds is counted on the way
CHOICE = 40  # one move in so many is a choice
QUIET = 1500  # [ms]: a picture in motion and an announcement are over by then
# Both scripts keep what they hold to themselves; these lines, added to what is served, hand it out.
OPENED = {
    "**/lab.mjs*": "\nwindow.theRun = () => run;\n",
    "**/worker.mjs*": "\nself.thePython = () => python;\n",
}
SLIDERS = ".iowall-workbench .noUi-handle"
LISTS = ".iowall-workbench .widget-dropdown select"
STEPS = f"{SLIDERS}, {LISTS}"
FIRST = ".iowall-workbench .widget-toggle-buttons button:first-of-type"
OTHERS = ".iowall-workbench .widget-toggle-buttons button:not(.mod-active)"
EQUATION = ".iowall-math .widget-toggle-button"

SEEN = """(selector) =>
  [...document.querySelectorAll(selector)].filter((one) => one.checkVisibility())"""

# With every change of a setting, the link to the settings is the last to follow.
FOLLOWS = ".iowall-link"
SHOWS = ".iowall-instrument, .iowall-link"
NOTE = "() => addEventListener('keydown', ({ timeStamp }) => (window.pressed = timeStamp), true)"
# Gives the key that the handle in focus can still obey.
EXPECT = f"""([selector, key]) => {{
  {slider.CHANGED}
  const drawn = () => [...document.querySelectorAll(selector)].map((one) => one.innerHTML).join();
  window.moved = changed(drawn, drawn()).then((shown) => shown - pressed);
  const at = (name) => Number(document.activeElement.getAttribute(`aria-value${{name}}`));
  if (key === "ArrowRight" && at("now") >= at("max")) return "ArrowLeft";
  if (key === "ArrowLeft" && at("now") <= at("min")) return "ArrowRight";
  return key;
}}"""
IN_PAGE = """async () => {
  const run = theRun(), manager = await run.manager;
  const open = run.callbacks.size + run.waiting.length;
  if (open) throw new Error(`${open} messages have had no answer`);
  const models = await Promise.all(Object.values(manager._models));
  return {
    "comms in the page": run.comms.size,
    "models in the page": models.length,
    "views": models.reduce((sum, { views }) => sum + Object.keys(views ?? {}).length, 0),
  };
}"""
IN_PYTHON = """
import gc, json, sys
import comm, ipywidgets, pyodide_js
gc.collect()
_held = json.dumps({
    "comms in Python": len(comm.get_comm_manager().comms),
    "widgets in Python": len(ipywidgets.widgets.widget._instances),
    "objects in Python": len(gc.get_objects()),
    "memory of Python [B]": pyodide_js._module.HEAPU8.length,
})
"""
IN_WORKER = """async (code) => {
  const python = await thePython();
  python.sys.modules.get("builtins").exec(code, python.__dict__);
  return python._held;
}"""


def prepare(context, text):
    """Make a context whose pages can be counted, with this ledger."""
    seed(context, text)
    for pattern, line in OPENED.items():
        context.route(pattern, partial(_with, line))


def _with(line, route):
    response = route.fetch()
    route.fulfill(response=response, body=response.text() + line)


def opened(page, address, part):
    """Open a lab and wait for its last word."""
    page.goto(f"{address}book/{part}.html")
    ready(page)
    page.wait_for_selector(f"{FOLLOWS} a", state="attached")
    page.evaluate(NOTE)
    return Watched(page)


class Watched:
    """A page with its worker, and a line to the browser's own counts of both."""

    def __init__(self, page):
        self.page = page
        self._browser = page.context.new_cdp_session(page)
        self._worker, self._answers = None, {}
        self._browser.on("Target.attachedToTarget", self._attached)
        self._browser.on("Target.receivedMessageFromTarget", self._answered)
        self._browser.send(
            "Target.setAutoAttach",
            {"autoAttach": True, "waitForDebuggerOnStart": False, "flatten": False},
        )

    def _attached(self, event):
        if event["targetInfo"]["type"] == "worker":
            self._worker = event["sessionId"]

    def _answered(self, event):
        message = json.loads(event["message"])
        self._answers[message.get("id")] = message.get("result")

    def _ask_worker(self, method):
        number = max([0, *filter(None, self._answers)]) + 1
        message = json.dumps({"id": number, "method": method})
        session = {"sessionId": self._worker, "message": message}
        self._browser.send("Target.sendMessageToTarget", session)
        while number not in self._answers:
            self.page.wait_for_timeout(20)
        return self._answers[number]

    def held(self):
        """What the page holds once its controls are back at their first steps."""
        self._rest()
        [worker] = self.page.workers
        python = json.loads(worker.evaluate(IN_WORKER, IN_PYTHON))
        for _ in range(2):  # what the first frees may hold more
            self._ask_worker("HeapProfiler.collectGarbage")
            self._browser.send("HeapProfiler.collectGarbage")
        counts = self._browser.send("Memory.getDOMCounters")
        return {
            "nodes": counts["nodes"],
            "listeners": counts["jsEventListeners"],
            **self.page.evaluate(IN_PAGE),
            **python,
            "heap of the page [B]": self._browser.send("Runtime.getHeapUsage")["usedSize"],
            "heap of the worker [B]": self._ask_worker("Runtime.getHeapUsage")["usedSize"],
        }

    def _rest(self):
        for number in range(self._count(STEPS)):
            self._focus(STEPS, number)
            self.page.keyboard.press("Home")
        for number in range(self._count(FIRST)):
            self._focus(FIRST, number)
            self.page.keyboard.press("Enter")
        if self._count(f"{EQUATION}.mod-active"):
            self._focus(EQUATION)
            self.page.keyboard.press("Enter")
        self.page.evaluate("() => document.activeElement.blur()")
        self.page.wait_for_timeout(QUIET)

    # By number, since a locator's handle would keep an element that the lab has dropped.
    def _count(self, selector):
        return self.page.evaluate(f"selector => ({SEEN})(selector).length", selector)

    def _focus(self, selector, number=0):
        focus = f"([selector, number]) => ({SEEN})(selector)[number].focus()"
        self.page.evaluate(focus, [selector, number])

    def moves(self, count, chance):
        """Make moves; the milliseconds that each took."""
        return [self._slide(chance) if chance.randrange(CHOICE) else self._choose(chance)
                for _ in range(count)]  # fmt: skip

    def _slide(self, chance):
        self._focus(SLIDERS, chance.randrange(self._count(SLIDERS)))
        return self._press(FOLLOWS, chance.choice(["ArrowLeft", "ArrowRight"]))

    def _choose(self, chance):
        choices = f"{LISTS}, {OTHERS}, {EQUATION}"
        self._focus(choices, chance.randrange(self._count(choices)))
        kind, at = self.page.evaluate(
            "() => [document.activeElement.tagName, document.activeElement.selectedIndex]"
        )
        lists = "ArrowUp" if at else "ArrowDown"
        return self._press(SHOWS, lists if kind == "SELECT" else "Enter")

    def _press(self, selector, key):
        self.page.keyboard.press(self.page.evaluate(EXPECT, [selector, key]))
        return self.page.evaluate("() => moved")


def measure(watched, moves, counted=COUNTS, begin=0):
    """Milliseconds of all moves, and what the page held before, on the way, and after."""
    chance, times = random.Random(begin), []
    watched.moves(20, chance)  # so that whatever comes with a first time is there
    counts = {0: watched.held()}
    while len(times) < moves:
        times += watched.moves(min(-(-moves // counted), moves - len(times)), chance)
        counts[len(times)] = watched.held()
        print(f"{len(times):,} of {moves:,} moves", file=sys.stderr, flush=True)
    return times, counts


def run(part="pipeline", moves=10_000, html=None):
    """One page's figures: latencies at both ends and their ratio, and its counts."""
    with tempfile.TemporaryDirectory() as folder:
        html = html or site.build(Path(folder))
        with site.served(html) as address, sync_playwright() as playwright:
            browser = site.launch(playwright)
            # A service worker would answer for the two scripts that are added to.
            context = browser.new_context(viewport=visit.VIEW, service_workers="block")
            context.set_default_timeout(60_000)
            prepare(context, locked("cloud"))
            watched = opened(context.new_page(), address, part)
            processes = {0: _processes()}
            times, counts = measure(watched, moves)
            processes[moves] = _processes()
            browser.close()
    ends = [times[:ENDS], times[-ENDS:]]
    p50, p95 = ([how(one) for one in ends] for how in (statistics.median, slider.slow))
    return {
        "part": part,
        "moves": moves,
        "p50 [ms]": p50,
        "p95 [ms]": p95,
        "p50 ratio": p50[1] / p50[0],
        "p95 ratio": p95[1] / p95[0],
        "counts": counts,
        "memory [B]": [processes[0], processes[moves]],
    }


def _processes():
    """What the browser's processes hold in memory that is no file. [B]"""
    everyone = psutil.Process().children(recursive=True)
    return sum(visit._held(one.pid) for one in everyone if one.name() != "node")  # Playwright's


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--part", choices=ledger.PARTS, default="pipeline")
    parser.add_argument("--moves", type=int, default=10_000)
    figures = run(**vars(parser.parse_args()))
    print(f"{figures['part']}, {figures['moves']:,} moves")
    for name in ("p50", "p95"):
        first, last = figures[f"{name} [ms]"]
        ratio = figures[f"{name} ratio"]
        print(f"{name} at either end ({ENDS}): {first:.0f} and {last:.0f} ms, ratio {ratio:.2f}")
    counts = figures["counts"]
    print(f"{'after moves':26}" + "".join(f"{moves:>14,}" for moves in counts))
    for name in counts[0]:
        print(f"{name:26}" + "".join(f"{one[name]:>14,}" for one in counts.values()))
    before, after = figures["memory [B]"]
    print(f"memory of the browser: {before / 1e6:.0f} and {after / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
