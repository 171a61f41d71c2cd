"""One visit to a page: what its reader sees and when, and what that costs."""

import contextlib
import shutil
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.bench import slider
from tests.browser import site
from tests.browser.play import seed
from tests.browser.test_access import seeded

LINE = {"rate": 10e6 / 8, "latency": 0.040}  # 10 Mbit/s and 40 ms
VIEW = {"width": 1280, "height": 900}
PATIENCE = 300_000  # [ms]
SAMPLE = 0.1  # [s] between two looks at the memory
# Any other host fails at once, for all alike, with a network or without.
ALONE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"

# Looks once a frame, and little; what it finds has been painted by the next. A figure is a curve
# with points that the reader can see. The key is pressed in the first frame that has a handle and
# curves that did not change since the frame before, so that what changes then is the answer.
WATCH = """
if (window === top) {
  const seen = (window.seen = {});
  const note = (name) => requestAnimationFrame(() => (seen[name] ??= performance.now()));
  const visible = (one) =>
    one.checkVisibility({ visibilityProperty: true, opacityProperty: true }) &&
    one.getBoundingClientRect().width > 0;
  const lines = document.getElementsByClassName("line"); // it counts anew only if there are more
  const curves = () => [...lines].map((line) => line.getAttribute("d")).join("|");
  let head, before, asked, pressed;
  const steps = {
    useful() {
      if (!head) {
        const words = document.querySelectorAll("article h1, .jp-Cell h1, .jp-Cell .cm-line");
        if ([...words].some((one) => one.textContent.trim() && visible(one))) head = this.frame;
      }
      const contentful = performance.getEntriesByName("first-contentful-paint")[0]?.startTime;
      if (head && contentful) seen.useful = Math.max(head, contentful);
    },
    figure() {
      const drawn = [...lines].find((line) => line.getAttribute("d")?.length > 40);
      if ((drawn && visible(drawn)) || document.querySelector("#ready")) note("figure");
    },
    answer() {
      const now = curves();
      if (asked && now !== asked) note("answer");
      const handle = document.querySelector(".noUi-handle");
      if (handle && (asked ? this.frame - pressed > 1000 : now === before)) {
        asked ??= now;
        pressed = this.frame;
        handle.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
      }
      before = now;
    },
  };
  const look = (frame) => {
    steps.frame = frame;
    if (!seen.useful) steps.useful();
    if (!seen.figure) steps.figure();
    else if (!seen.answer) steps.answer();
    if (!seen.answer) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}
"""


@dataclass(frozen=True)
class Seen:
    """Seconds from navigation, bytes and requests until the figure, peak bytes of memory."""

    useful: float | None
    figure: float
    answer: float | None
    size: int
    requests: int
    memory: int | None
    slider: tuple = ()


class Memory(threading.Thread):
    """The most that the processes of one browser hold together, programs and libraries aside.

    The proportional set size would count these too, but adding it up takes the browser's time.
    """

    def __init__(self, profile):
        super().__init__(daemon=True)
        self.root = None  # its first process; the others come and go
        for one in psutil.process_iter(["cmdline"]):
            words = one.info["cmdline"] or []
            if f"--user-data-dir={profile}" in words and not any("--type=" in w for w in words):
                self.root = one
        self.peak, self.over = 0, threading.Event()

    def run(self):
        while not self.over.wait(SAMPLE):
            everyone = [self.root, *self.root.children(recursive=True)]
            self.peak = max(self.peak, sum(_held(one.pid) for one in everyone))

    def end(self):
        self.over.set()
        self.join()
        return self.peak


def _held(process):
    """What a process keeps in memory that is no file. [B]"""
    with contextlib.suppress(OSError):  # it may have ended
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
        fields = dict(line.split(":", 1) for line in lines)
        return sum(1024 * int(fields.get(name, "0").split()[0]) for name in ("RssAnon", "RssShmem"))
    return 0


@contextlib.contextmanager
def browser(playwright, profile):
    """A browser of its own on a profile's folder, as a reader of part 1 has it."""
    context = playwright.chromium.launch_persistent_context(
        str(profile),
        executable_path=next(filter(None, map(shutil.which, site.NAMES)), None),
        args=[*site.ARGUMENTS, ALONE],
        viewport=VIEW,
    )
    prepare(context)
    try:
        yield context
    finally:
        context.close()


def prepare(context):
    seed(context, seeded())
    context.add_init_script(slider.LISTEN)
    context.add_init_script(WATCH)


def visit(context, server, way, *, profile, moves=0):
    """Open a page in a new tab and stay until it has answered."""
    page = context.new_page()
    server.reset()
    memory = Memory(profile) if sys.platform == "linux" else None
    if memory:
        memory.start()
    page.goto(server.address + way.path, wait_until="commit", timeout=PATIENCE)
    last = "answer" if way.slider else "figure"
    page.wait_for_function(f"() => seen.{last}", timeout=PATIENCE, polling=100)
    peak = memory and memory.end()
    seen, origin = page.evaluate("() => [seen, performance.timeOrigin]")
    size, requests = server.until((origin + seen["figure"]) / 1e3)
    times = {name: seen.get(name) and seen[name] / 1e3 for name in ("useful", "figure", "answer")}
    took = tuple(slider.measure(page, moves)) if moves and way.slider else ()
    page.close()
    return Seen(**times, size=size, requests=requests, memory=peak, slider=took)
