"""Where the time of a first visit to our page goes: marks, and what the processor did meanwhile.

The product is served as it is but for a few lines before its worker, which note what passes. Two
visits: one for the marks, and one for V8's samples, whose taking costs time itself.
"""

import json
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

from tests.bench.visit import VIEW, prepare
from tests.browser import site

FIGURE = "() => seen.answer"
CATEGORIES = ["v8", "v8.wasm", "devtools.timeline", "disabled-by-default-v8.cpu_profiler"]
TOP = 12  # functions of each thread

# Marks are [name, milliseconds of the clock]; the page asks for the worker's over a channel.
WORKER = """{
  const now = () => performance.timeOrigin + performance.now();
  const marks = [["worker: its script runs", now()]];
  const note = (name) => marks.some(([known]) => known === name) || marks.push([name, now()]);
  for (const name of ["instantiateStreaming", "instantiate", "compileStreaming", "compile"]) {
    const native = WebAssembly[name];
    WebAssembly[name] = async (...given) => {
      note(`worker: first WebAssembly.${name} asked for`);
      const made = await native.apply(WebAssembly, given);
      note(`worker: first WebAssembly.${name} done`);
      return made;
    };
  }
  const native = self.postMessage;
  let widgets = 0;
  self.postMessage = (message, ...more) => {
    if (message.type === "started") note("worker: Python started, packages there");
    if (message.type === "python") {
      const { kind } = JSON.parse(message.text);
      if (kind === "comm_open" && !widgets++) note("worker: imports done, first widget made");
      if (kind === "opened") note(`worker: lab opened, ${widgets} widgets made`);
    }
    return native.call(self, message, ...more);
  };
  const channel = new BroadcastChannel("bench");
  channel.onmessage = () => {
    const files = performance.getEntriesByType("resource").map((one) => {
      const [begin, end] = [one.startTime, one.responseEnd].map((t) => performance.timeOrigin + t);
      return [one.name.split("/").pop(), begin, end, one.encodedBodySize];
    });
    channel.postMessage({ marks, files });
  };
}
"""
PAGE = """
if (window === top) {
  window.marks = [];
  const note = (name) => marks.push([name, performance.timeOrigin + performance.now()]);
  const Known = window.Worker;
  window.Worker = class extends Known {
    constructor(...given) { super(...given); note("page: worker constructed"); }
  };
  document.addEventListener("DOMContentLoaded", () => note("page: parsed"));
  addEventListener("load", () => note("page: loaded"));
  let said;
  const look = () => {
    const phase = document.querySelector(".iowall-phase")?.textContent;
    if (phase && phase !== said) note(`page: says “${(said = phase)}”`);
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}
"""
ASK = """() => new Promise((done) => {
  const channel = new BroadcastChannel("bench");
  channel.onmessage = ({ data }) => done(data);
  channel.postMessage("report");
})"""


def show(playwright, server, way):
    """Print both."""
    address = server.address + way.path
    _visit(playwright, address)  # for the server to zip
    server.before["worker.mjs"] = WORKER
    _marks(*_visit(playwright, address, marked=True))
    server.before.clear()
    with tempfile.TemporaryDirectory() as folder:
        trace = Path(folder) / "trace.json"
        _visit(playwright, address, trace=trace)
        _functions(json.loads(trace.read_text())["traceEvents"])


def _visit(playwright, address, *, marked=False, trace=None):
    """A visit in a browser of its own; if marked, what was noted."""
    with site.launch(playwright) as browser:
        context = browser.new_context(viewport=VIEW)
        prepare(context)
        if marked:
            context.add_init_script(PAGE)
        page = context.new_page()
        if trace:
            browser.start_tracing(page=page, path=trace, categories=CATEGORIES)
        page.goto(address, wait_until="commit")
        page.wait_for_function(FIGURE, timeout=120_000, polling=100)
        if trace:
            browser.stop_tracing()
        if marked:
            return page.evaluate("() => [performance.timeOrigin, seen, marks]"), page.evaluate(ASK)


def _marks(page, worker):
    origin, seen, marks = page
    names = {"useful": "useful paint", "figure": "live figure", "answer": "answer to a slider"}
    marks = [*marks, *worker["marks"]]
    marks += [[f"page: {names[name]}", origin + at] for name, at in seen.items() if name in names]
    files = [one for one in worker["files"] if one[0]]
    for name, begin, end, size in sorted(files, key=lambda one: one[3])[-6:]:
        took = f"in {end - begin:.0f} ms"
        marks.append([f"worker: {name} fetched, {size / 1e6:.1f} MB {took}", end])
    print("ms from navigation")
    for name, at in sorted(marks, key=lambda mark: mark[1]):
        print(f"{at - origin:7.0f}  {name}")


def _functions(events):
    """The functions that V8 found running most often, in the page and in its worker."""
    threads, profiles, nodes = {}, {}, defaultdict(dict)
    took = defaultdict(Counter)
    for event in sorted(events, key=lambda event: event.get("ts", 0)):
        key = (event["pid"], event.get("id"))
        if event["name"] == "thread_name":
            threads[event["pid"], event["tid"]] = event["args"]["name"]
        elif event["name"] == "Profile":
            profiles[key] = (event["pid"], event["tid"])
        elif event["name"] == "ProfileChunk":
            data = event["args"]["data"]
            profile = data.get("cpuProfile", {})
            for node in profile.get("nodes", []):
                nodes[key][node["id"]] = node["callFrame"]
            pairs = zip(profile.get("samples", []), data.get("timeDeltas", []), strict=False)
            for node, microseconds in pairs:
                frame = nodes[key][node]
                place = frame.get("url", "").split("/")[-1][:32]
                if place:
                    place += f":{frame.get('lineNumber', -1) + 1}"
                took[key][frame["functionName"] or "(anonymous)", place] += microseconds
    for key, functions in took.items():
        total = sum(functions.values())
        print(
            f"\n{threads.get(profiles.get(key), 'thread')}: {total / 1e3:.0f} ms of samples, self"
        )
        for (function, place), microseconds in functions.most_common(TOP):
            print(f"{microseconds / 1e3:7.0f}  {function[:60]}  {place}")
