"""Networks that break, damaged files, workers that die, memory that ends, readers who leave.

Each ends in one sentence with text and poster in their place, and "Try again" brings the lab back
with all that was committed. Service workers are blocked: they would mend what is broken here, and
have their own tests (test_offline.py).
"""

import contextlib
import hashlib
import json
import os
import re
import shutil
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser import play, site
from tests.browser import test_access as access
from tests.browser import test_checkpoint as checkpoint
from tests.browser.conftest import Visit
from tests.browser.host import FAULTS, SCRIPTS

LAB = access.LAB
FAILED = f'{LAB}[data-state="failed"]'
# What the browser fetches before a lab is there, the theme's files left out. The manifest gives the
# hash of each but the first three.
FILES = [
    f"{SCRIPTS}lab.mjs",
    f"{SCRIPTS}worker.mjs",
    "runtime/page/manifest.json",
    "runtime/pyodide.mjs",
    "runtime/pyodide.asm.mjs",
    "runtime/pyodide.asm.wasm",
    "runtime/page/python.zip",
    "runtime/page/folder.zip",
    "runtime/web/anywidget.js",
    "runtime/web/bqplot.js",
    "runtime/web/bqscales.js",
    "runtime/web/widgets.css",
    "runtime/web/widgets.js",
]
SOON = 60_000  # milliseconds: several browsers may share a slow machine
NO_MEMORY = "The browser has no memory left for Python: close other tabs."


@pytest.fixture
def reader(browser, host):
    """Someone without a service worker, whose browser may complain; nobody else is asked."""
    reader = Visit(browser, host.address, service_workers="block")
    reader.context.set_default_timeout(SOON)
    yield reader
    reader.context.close()
    assert not any("elsewhere" in wrong for wrong in reader.wrong)


@pytest.fixture
def content(reader):
    """The same, with nothing to complain of."""
    yield reader
    assert reader.wrong == []


def start(reader, path=access.PAGE):
    page = reader.context.new_page()
    page.goto(reader.address + path, wait_until="commit")
    return page


def fails(page, sentence):
    """The page says so, and the reader still has the text and the lab's first state."""
    page.wait_for_selector(FAILED)
    expect(page.locator(f"{LAB} .iowall-message")).to_have_count(1)
    expect(page.locator(f"{LAB} .iowall-message")).to_have_text(sentence, timeout=SOON)
    expect(page.locator("article h1")).to_be_visible()


def again(page):
    page.get_by_role("button", name="Try again").click()
    return page


def test_these_are_the_files_of_a_start(content, host, html):
    play.ready(start(content))
    ours = {path for path in host.asked if path.startswith("runtime/") or path.endswith(".mjs")}
    assert ours == set(FILES)
    manifest = json.loads((html / "runtime/page/manifest.json").read_text())
    known = [f"runtime/{name}" for name in [*manifest["files"], *manifest["web"]]]
    assert set(FILES[3:]) | {"runtime/worker.mjs"} == set(known)
    assert len(host.asked) == len(set(host.asked))  # and none is asked for twice


@pytest.mark.parametrize("path", FILES)
def test_a_file_that_is_missing_or_damaged_is_named_until_it_is_whole(reader, host, html, path):
    name = re.escape(path.removeprefix("runtime/").removeprefix("web/").removeprefix(SCRIPTS))
    host.faults[path] = FAULTS[0]
    page = start(reader)
    for fault in [*FAULTS[1:], None]:
        fails(page, re.compile(rf"^The file {name} of this site [a-z][^.]+\. Try again$"))
        expect(page.locator(".iowall-poster")).to_contain_text("Cloud Titan")
        host.faults[path] = fault
        again(page)
    play.ready(page)
    # The browser keeps no damaged copy for the next visit.
    if path.startswith("runtime/"):
        kept = page.evaluate(
            """async (address) => {
                const answer = await fetch(address, { cache: "force-cache" });
                const hash = await crypto.subtle.digest("SHA-256", await answer.arrayBuffer());
                return [...new Uint8Array(hash)];
            }""",
            host.address + path,
        )
        assert bytes(kept) == hashlib.sha256((html / path).read_bytes()).digest()


def test_without_its_early_start_a_page_works_all_the_same(reader, host):
    host.faults[f"{SCRIPTS}start.js"] = "missing"
    play.choose(play.ready(start(reader)), "cloud")


@pytest.mark.parametrize("path", [FILES[1], FILES[5], FILES[7], "runtime/web/bqplot.js"])
def test_a_network_that_falls_silent(reader, host, path):
    host.faults[path] = "stalled"
    page = reader.context.new_page()
    page.clock.install()
    page.goto(host.address + access.PAGE, wait_until="commit")
    phase = "Starting Python" if "web" in path else "Fetching Python"
    expect(page.locator(".iowall-phase")).to_have_text(phase, timeout=SOON)
    page.wait_for_timeout(1000)  # what else arrives has arrived
    page.clock.run_for(80_000)
    expect(page.locator(LAB)).to_have_attribute("data-state", "loading")
    page.clock.run_for(20_000)
    name = path.removeprefix("runtime/").removeprefix("web/").removeprefix(SCRIPTS)
    fails(page, f"For 90 s nothing has arrived of {name}. Try again")
    host.faults.clear()
    play.ready(again(page))


def test_a_slow_network_says_how_far_it_is_and_a_broken_one_goes_on_when_it_is_back(reader, host):
    host.slow, host.rate, host.latency = FILES, 600_000 / 8, 0.6
    page = start(reader)
    count = page.locator(".iowall-progress")
    expect(count).to_have_text(re.compile(r"^Fetching Python: 0 of 17 MB$"), timeout=SOON)
    bar = page.locator(f"{LAB} progress")
    before = bar.evaluate("bar => bar.value")
    expect(count).to_have_text(re.compile(r"^Fetching Python: 1 of 17 MB$"), timeout=SOON)
    after = bar.evaluate("bar => bar.value")
    assert before < 500_000 <= after < 1_500_000

    host.down = True
    why = r"of this site did not arrive whole: the connection failed\. Try again$"
    fails(page, re.compile(rf"^The file [a-z./]+ {why}"))
    fails(again(page), re.compile(r"^The file worker.mjs of this site is missing or damaged\. Try"))
    host.down, host.rate = False, 0
    play.choose(play.ready(again(page)), "cloud")


# ---- The worker ---------------------------------------------------------------------------------

WORKERS = """window.workers = [];
    window.Worker = class extends Worker {
        constructor(...given) {
            super(...given);
            workers.push(this);
        }
    };"""


def played(reader):
    """A page on which something was committed and changed."""
    play.seed(reader.context, access.seeded())
    page = play.ready(start(reader))
    access.figures(page)
    page.get_by_label("Storage", exact=True).select_option("SATA SSD")
    page.locator(".iowall-reflection textarea").fill("Half a thought.")
    page.locator(".iowall-reflection textarea").blur()
    play.settle(page)
    return page, play.kept(page)


def comes_back(page, work):
    """The lab works, with all that there was."""
    play.ready(page)
    access.figures(page)
    expect(page.get_by_label("Storage", exact=True)).to_have_value("SATA SSD")
    expect(page.locator(".iowall-bound")).to_contain_text("seeks")
    expect(page.locator(".iowall-reflection textarea")).to_have_value("Half a thought.")
    assert play.kept(page) == work
    moves(page)


def moves(page):
    before = play.shape(page, "iowall-throughput")
    storage = page.get_by_label("Storage", exact=True)
    storage.select_option("S3" if storage.input_value() != "S3" else "Hard disk")
    play.changes(page, "iowall-throughput", before)


STUMBLE = """WebAssembly.instantiate = async () => {
    throw new WebAssembly.RuntimeError("Out of bounds memory access");
};
"""


@pytest.mark.parametrize("times", [1, 2])
def test_a_crash_at_the_start_is_tried_once_more(reader, times):
    asked = []

    def answer(route):
        asked.append(route.request.url)
        response = route.fetch()
        crash = STUMBLE if len(asked) <= times else ""
        route.fulfill(response=response, body=crash + response.text())

    reader.context.route("**/worker.mjs*", answer)
    page = start(reader)
    if times == 1:
        play.choose(play.ready(page), "cloud")
    else:
        fails(page, re.compile("could not be started.*Out of bounds memory access.*Try again$"))
        play.choose(play.ready(again(page)), "cloud")
    assert len(asked) == times + 1


def test_a_worker_that_ends_is_noticed_at_once(reader):
    reader.context.add_init_script(WORKERS)
    page, _ = played(reader)
    ends = (
        lambda: page.evaluate("workers.at(-1).terminate()"),
        lambda: page.workers[-1].evaluate("self.close()"),
    )
    for end in ends:
        page.get_by_label("Storage", exact=True).select_option("SATA SSD")
        play.settle(page)
        work = play.kept(page)
        end()
        page.wait_for_selector(FAILED, timeout=10_000)  # and not after 90 s of silence
        fails(page, "Python stopped unexpectedly. Try again")
        comes_back(again(page), work)


def test_without_locks_silence_tells(reader):
    reader.context.add_init_script("Object.defineProperty(navigator, 'locks', { value: null })")
    reader.context.add_init_script(WORKERS)
    reader.context.route("**/offline.js*", lambda route: route.abort())  # it needs them
    page = reader.context.new_page()
    page.clock.install()
    play.seed(reader.context, access.seeded())
    page.goto(reader.address + access.PAGE)
    access.figures(play.ready(page))
    page.evaluate("workers[0].terminate()")
    page.clock.run_for(200_000)  # nobody asks, so nobody answers
    expect(page.locator(LAB)).to_have_attribute("data-state", "ready")
    page.get_by_label("Storage", exact=True).select_option("SATA SSD")
    page.clock.run_for(95_000)
    fails(page, "Python has not answered for 90 s. Try again")
    moves(play.ready(again(page)))


# ---- Memory -------------------------------------------------------------------------------------

# Before and after the worker's own script: memory can be full, and what it keeps to itself is open.
BEFORE = """{
    const { grow } = WebAssembly.Memory.prototype;
    WebAssembly.Memory.prototype.grow = function (pages) {
        if (!self.isFull) return grow.call(this, pages);
        throw new RangeError("WebAssembly.Memory.grow(): Unable to grow instance memory");
    };
}
"""
AFTER = """
self.inPython = async (code) => {
    const modules = (await python).sys.modules;
    modules.get("builtins").exec(code, modules.get("__main__").__dict__);
};
"""
FULL = "() => { self.isFull = true }"


@pytest.fixture
def opened(reader):
    """A reader whose workers let a test in."""

    def answer(route):
        response = route.fetch()
        route.fulfill(response=response, body=BEFORE + response.text() + AFTER)

    reader.context.route("**/worker.mjs*", answer)
    return reader


def test_no_memory_for_the_start(opened, host):
    host.faults["runtime/pyodide.asm.wasm"] = "stalled"
    page = start(opened)
    expect(page.locator(".iowall-phase")).to_have_text("Fetching Python")
    page.wait_for_timeout(500)  # the worker's script runs
    page.workers[0].evaluate(FULL)
    host.go_on.set()
    fails(page, f"{NO_MEMORY} Try again")
    play.choose(play.ready(again(page)), "cloud")


def test_no_memory_for_a_file_of_the_readers(opened, tmp_path):
    page, work = played(opened)
    page.workers[0].evaluate(FULL)
    large = tmp_path / "large.json"
    large.write_bytes(b" " * 40_000_000)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Add my own disk").click()
    chooser.value.set_files(large)
    message = page.locator(f"{LAB} .iowall-message")
    expect(message).to_contain_text("no memory left", timeout=SOON)
    if page.locator(FAILED).count():
        again(page)
    comes_back(page, work)


def test_a_step_without_memory_is_said_and_the_next_goes_on(opened):
    page, _ = played(opened)
    page.workers[0].evaluate(
        """() => inPython(`
from comm.base_comm import BaseComm
whole = BaseComm.handle_msg
def full(self, message):
    BaseComm.handle_msg = whole
    raise MemoryError
BaseComm.handle_msg = full
`)"""
    )
    page.get_by_role("button", name="Scattered").or_(
        page.locator(".iowall-workbench .widget-toggle-button").last
    ).first.click()
    expect(page.locator(f"{LAB} .iowall-message")).to_have_text(
        "That step did not work (the browser has no memory left for it: close other tabs); "
        "you can go on."
    )
    moves(page)
    expect(page.locator(LAB)).to_have_attribute("data-state", "ready")


SENTENCES = {
    "Array buffer allocation failed": NO_MEMORY,
    "Maximum call stack size exceeded": "Python stopped unexpectedly "
    "(RangeError: Maximum call stack size exceeded).",
}


def test_an_error_of_the_browser_itself(reader):
    page, _ = played(reader)
    for error, sentence in SENTENCES.items():
        page.workers[-1].evaluate(
            """(error) => {
                const native = self.postMessage;
                self.postMessage = (message, ...more) => {
                    if (message.type === "python") throw new RangeError(error);
                    native.call(self, message, ...more);
                };
            }""",
            error,
        )
        page.get_by_label("Storage", exact=True).select_option("EBS gp3")
        fails(page, f"{sentence} Try again")
        play.ready(again(page))
        access.figures(page)
        moves(page)


# ---- Leaving and coming back --------------------------------------------------------------------


AT_MOMENTS = """{
    const moments = ["Starting Python", "Drawing the lab"];
    const look = () => {
        const past = Number(sessionStorage.reloads ?? 0);
        const phase = document.querySelector(".iowall-phase")?.textContent;
        if (!phase || phase !== moments[past]) return;
        sessionStorage.reloads = past + 1;
        location.reload();
    };
    new MutationObserver(look).observe(document, { childList: true, subtree: true });
}"""


def test_a_reload_at_any_moment_of_the_start(content, host):
    content.context.add_init_script(AT_MOMENTS)
    play.seed(content.context, access.seeded())
    host.faults["runtime/pyodide.asm.wasm"] = "stalled"
    page = start(content)
    expect(page.locator(".iowall-phase")).to_have_text("Fetching Python")
    host.faults.clear()
    host.go_on.set()
    page.reload()
    page.wait_for_function("() => sessionStorage.reloads === '2'")
    access.figures(play.ready(page))
    expect(page.locator(".iowall-bound")).to_contain_text("seeks")
    moves(page)


def test_a_reload_while_runs_are_simulated(content):
    checkpoint_page = checkpoint.PAGE
    play.seed(content.context, checkpoint.seeded())
    page = checkpoint.ready(start(content, checkpoint_page))
    checkpoint.figures(page)
    page.get_by_role("button", name="Commit this design").click()
    expect(page.locator(".iowall-commit")).to_contain_text("Not yet")
    play.settle(page)
    work = play.kept(page)
    assert len(work.of("checkpoint").attempts) == 1
    page.get_by_role("button", name="Draw simulated runs").click()
    page.reload()
    checkpoint.figures(checkpoint.ready(page))
    expect(page.locator(".iowall-commit")).to_contain_text("Not yet")
    assert play.kept(page) == work
    page.get_by_role("button", name="Draw simulated runs").click()
    page.wait_for_selector(".iowall-young-daly .dot >> nth=50", state="attached")


@contextlib.contextmanager
def own(browser, *arguments, **options):
    """Another browser of the same kind."""
    path = next(filter(None, map(shutil.which, site.NAMES)), None)
    options = {"executable_path": path} | options
    other = browser.browser_type.launch(args=[*site.ARGUMENTS, *arguments], **options)
    try:
        yield other
    finally:
        other.close()


@pytest.mark.parametrize("frozen", [True, False])
def test_leaving_and_coming_back(browser, host, frozen):
    """By the Back button, to a page that was kept frozen, or to one that was thrown away."""
    leave = ["--disable-back-forward-cache"] if frozen else []
    with own(browser, ignore_default_args=leave) as other:
        reader = Visit(other, host.address, service_workers="block")
        page, work = played(reader)
        session = reader.context.new_cdp_session(page)
        shown = "addEventListener('pageshow', (event) => { window.thawed = event.persisted })"
        page.evaluate(shown)
        page.goto(f"{host.address}book/intro.html")
        page.evaluate("() => void setTimeout(() => history.back())")

        def look(expression):
            try:
                answer = session.send("Runtime.evaluate", {"expression": expression})
            except Exception:  # between two pages
                return None
            return answer["result"].get("value")

        state = f"document.querySelector('{LAB}')?.dataset.state"
        for _ in range(200):
            if look(state) == "ready" and look("location.pathname").endswith("access.html"):
                break
            time.sleep(0.1)
        assert look("Boolean(window.thawed)") is frozen
        if not frozen:
            comes_back(page, work)
        else:
            before = look("document.querySelector('.iowall-throughput').innerHTML")
            look(
                "{ const handle = document.querySelector('.iowall-workbench .noUi-handle');"
                "handle.focus(); handle.dispatchEvent(new KeyboardEvent('keydown',"
                "{ key: 'ArrowRight', bubbles: true })) }"
            )
            for _ in range(100):
                if look("document.querySelector('.iowall-throughput').innerHTML") != before:
                    break
                time.sleep(0.1)
            else:
                raise AssertionError("the lab is still frozen")
            assert look("document.querySelector('.iowall-message').textContent") == ""
        assert reader.wrong == []


# ---- A small device -----------------------------------------------------------------------------

# An assumption: of a phone's 2 GB, the system and what else is open keep a half.
SMALL = 1_000_000_000
GROUPS = Path("/sys/fs/cgroup")


@pytest.fixture
def small():
    """A control group with little memory: a folder, and how to ask it for peak and kills."""
    old = (GROUPS / "memory/cgroup.procs").exists()
    folder = (GROUPS / "memory" if old else GROUPS) / f"iowall-{os.getpid()}"
    limit, peak, killed = (
        ("memory.limit_in_bytes", "memory.max_usage_in_bytes", "memory.oom_control")
        if old
        else ("memory.max", "memory.peak", "memory.events")
    )
    try:
        folder.mkdir()
        (folder / limit).write_text(str(SMALL))
    except OSError as error:
        with contextlib.suppress(OSError):
            folder.rmdir()
        pytest.skip(f"no control group can be made here: {error}")
    kills = re.compile(r"oom_kill (\d+)")
    yield (
        folder,
        lambda: int((folder / peak).read_text()),
        lambda: int(kills.search((folder / killed).read_text())[1]),
    )
    for _ in range(50):
        with contextlib.suppress(OSError):
            folder.rmdir()
            break
        time.sleep(0.1)


def test_all_parts_play_on_a_device_of_two_gigabytes(browser, host, small, tmp_path):
    folder, peak, kills = small
    program = next(
        filter(None, map(shutil.which, site.NAMES)), browser.browser_type.executable_path
    )
    inside = tmp_path / "browser"
    inside.write_text(f'#!/bin/sh\necho $$ > {folder}/cgroup.procs\nexec {program} "$@"\n')
    inside.chmod(0o755)
    with own(browser, "--enable-low-end-device-mode", executable_path=str(inside)) as device:
        reader = Visit(device, host.address, viewport={"width": 360, "height": 740})
        reader.context.set_default_timeout(SOON)
        play.seed(reader.context, play.locked("cloud"))
        page = reader.context.new_page()
        for name in ("access", "pipeline", "checkpoint", "access"):
            page.goto(f"{host.address}book/{name}.html")
            play.ready(page)
            page.wait_for_selector(".iowall-instrument .bqplot path.line", state="attached")
            print(f"{name}: peak {peak() / 1e6:.0f} MB of {SMALL / 1e6:.0f} MB")
        assert reader.wrong == []
        assert kills() == 0
