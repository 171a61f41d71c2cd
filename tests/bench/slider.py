"""From a key on a slider to the picture, beside an empty round trip to the worker.

    python -m tests.bench.slider [MOVES]

Moves the first slider of each part up and down, one key at a time, and waits for the frame in
which a picture has changed. The round trip is a message for a widget that does not exist: Python
looks it up and answers.
"""

import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from iowall import ledger
from tests.browser import site
from tests.browser.play import locked, seed

LISTEN = """
const Native = window.Worker;
window.Worker = class extends Native {
  constructor(...given) { super(...given); window.python = this; }
};
"""
# Ends when the answer is there, and again with the frame after it, as a move does.
TRIP = """async () => {
  const ask = () => {
    const kernel = window.jupyterapp?.shell.currentWidget.sessionContext.session.kernel;
    if (kernel) return kernel.createComm("nobody").send({}).done;
    return new Promise((done) => {
      const id = 1e9 + Math.random();
      const listen = ({ data }) => {
        if (data.type !== "idle" || data.id !== id) return;
        python.removeEventListener("message", listen);
        done();
      };
      python.addEventListener("message", listen);
      const text = JSON.stringify({ comm_id: "nobody", data: {} });
      python.postMessage({ type: "comm", text, buffers: [], id });
    });
  };
  const begin = performance.now();
  await ask();
  const answered = performance.now() - begin;
  await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
  return [answered, performance.now() - begin];
}"""
# Gives the time at which a frame shows what has been drawn anew.
CHANGED = """const changed = (drawn, before) => new Promise((done, failed) => {
  const begin = performance.now();
  const look = () => {
    if (drawn() !== before) requestAnimationFrame(() => done(performance.now()));
    else if (performance.now() - begin > 20_000) failed(new Error("nothing moved"));
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
});"""
MOVE = f"""async (key) => {{
  {CHANGED}
  const drawn = () => [...document.querySelectorAll(".bqplot svg.svg-figure")]
    .map((figure) => figure.innerHTML).join();
  const handle = document.querySelector(".noUi-handle");
  const before = drawn(), begin = performance.now();
  handle.dispatchEvent(new KeyboardEvent("keydown", {{ key, bubbles: true }}));
  return await changed(drawn, before) - begin;
}}"""


def measure(page, moves):
    """Milliseconds of empty round trips, of the same with a painted frame, and of moves."""
    page.wait_for_timeout(1000)
    trips, slides = [], []
    for number in range(moves):
        key = "ArrowRight" if number % 4 < 2 else "ArrowLeft"
        trips.append(page.evaluate(TRIP))
        slides.append(page.evaluate(MOVE, key))
    return [*zip(*trips, strict=True), slides]


def slow(times):
    """The 95th percentile."""
    return statistics.quantiles(times, n=20)[-1]


def told(name, times):
    """The median and the 95th percentile, in words."""
    return f"{name}: p50 {statistics.median(times):6.1f} ms, p95 {slow(times):6.1f} ms  "


def main(moves):
    with tempfile.TemporaryDirectory() as folder:
        html = site.build(Path(folder))
        with site.served(html) as address, sync_playwright() as playwright:
            browser = site.launch(playwright)
            for part in ledger.PARTS:
                context = browser.new_context(viewport={"width": 1280, "height": 900})
                context.add_init_script(LISTEN)
                seed(context, locked("cloud"))
                page = context.new_page()
                page.goto(f"{address}book/{part}.html")
                page.wait_for_selector(".iowall-workbench path.line >> nth=2", state="attached")
                trips, _, slides = measure(page, moves)
                context.close()
                print(f"{part:12}", told("empty round trip", trips), told("slider", slides))
            browser.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
