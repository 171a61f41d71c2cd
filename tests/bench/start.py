"""How long a reader waits for the first live figure, beside what anyone else would wait.

    python -m tests.bench.start [ROUNDS]

Each round opens, in a fresh browser profile: our page, stock Pyodide importing NumPy (no widgets,
no figure: the floor of any Python lab), and our JupyterLite notebook. Times are from navigation;
on a busy machine trust the ratios. The reader has locked a prediction before, so that the first
thing to be drawn is the workbench with its figures.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser import site
from tests.browser.test_access import seed, seeded

sys.path.insert(0, str(site.ROOT / "book" / "_ext"))
from iowall_site import parts, runtime  # noqa: E402

FIGURE = ".iowall-throughput path.line >> nth=2"
STOCK = """<!doctype html><title>stock</title><script type="module">
import { loadPyodide } from "./pyodide.mjs";
const python = await loadPyodide({ packageBaseUrl: new URL("./", location).href });
await python.loadPackage("numpy", { messageCallback() {} });
python.runPython("import numpy");
document.body.append(Object.assign(document.createElement("p"), { id: "ready" }));
</script><body></body>"""


def lay_stock(folder):
    """Pyodide and NumPy as published: nothing compiled, nothing left out."""
    npm, wheels, table = parts.read(Path(runtime.__file__).with_name("runtime.toml"))
    paths = parts.fetch([npm["pyodide"], wheels["numpy"]], table["sources"])
    folder.mkdir()
    names = [*runtime.PYODIDE_FILES, runtime.STDLIB, runtime.LOCK]
    for name, data in runtime._members(paths["pyodide"], *names).items():
        (folder / name).write_bytes(data)
    (folder / wheels["numpy"].file).write_bytes(paths["numpy"].read_bytes())
    (folder / "index.html").write_text(STOCK)


def measure(browser, address, path, selector):
    """Seconds from navigation until something is there; bytes and requests until then."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    seed(context, seeded())
    page, answers = context.new_page(), []
    page.on("response", lambda answer: answers.append(answer))
    begin = time.perf_counter()
    page.goto(address + path, wait_until="commit")
    page.wait_for_selector(selector, state="attached", timeout=120_000)
    seconds = time.perf_counter() - begin
    size = sum(int(answer.headers.get("content-length", 0)) for answer in answers)
    context.close()
    return seconds, size, len(answers)


def main(rounds):
    with tempfile.TemporaryDirectory() as folder:
        html = site.build(Path(folder))
        lay_stock(html / "stock")
        ways = {
            "our page": ("book/access.html", FIGURE),
            "stock Pyodide with NumPy": ("stock/index.html", "#ready"),
            "our notebook": ("lite/notebooks/index.html?path=01_access_patterns.ipynb", FIGURE),
        }
        results = {way: [] for way in ways}
        with site.served(html) as address, sync_playwright() as playwright:
            browser = site.launch(playwright)
            for _ in range(rounds):
                for way, (path, selector) in ways.items():
                    results[way].append(measure(browser, address, path, selector))
            browser.close()
    floor = statistics.median(seconds for seconds, *_ in results["stock Pyodide with NumPy"])
    print(f"cold profile, localhost, uncompressed, {rounds} rounds")
    print(f"{'':26}{'median':>9}{'spread':>16}{'ratio':>8}{'MB':>8}{'requests':>10}")
    for way, runs in results.items():
        times = [seconds for seconds, *_ in runs]
        _, size, requests = runs[0]
        spread = f"{min(times):.2f}–{max(times):.2f} s"
        median = statistics.median(times)
        ratio = f"{median / floor:.2f}"
        print(f"{way:26}{median:7.2f} s{spread:>16}{ratio:>8}{size / 1e6:8.1f}{requests:10}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
