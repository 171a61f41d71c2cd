"""The chapter without its server, and after its server has got another version."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests import fifth
from tests.browser import play
from tests.browser import test_access as access
from tests.browser.conftest import Visit
from tests.browser.host import PATH
from tests.browser.site import ROOT
from tests.browser.test_notebooks import CELLS, DONE

PAGE = access.PAGE
NOTEBOOK = "lite/notebooks/index.html?path=01_access_patterns.ipynb"
FRONT = "index.html"  # it goes on to the first page at once
# What a page was answered with; a driver may miss the answer of a page that goes on at once.
STATUS = "performance.getEntriesByType('navigation')[0].responseStatus"
NOT_SAVED = "This version of the chapter could not be saved for offline reading."
KEPT = f"{PATH}/.kept/"
SAVED = "Saved for reading offline"
# The marks of the other version: one in Python, one in a style sheet, one in a notebook.
OLD, NEW = "Cloud Titan", "Cloud Colossus"
OUTLINE = "rgb(1, 2, 3)"


@pytest.fixture
def reader(browser, host):
    reader = Visit(browser, host.address)
    yield reader
    reader.context.close()
    assert reader.wrong == []


@pytest.fixture(scope="module")
def newer(html, tmp_path_factory):
    """The site as it is after an edit of a track, a track more, a style sheet and a notebook."""
    folder = tmp_path_factory.mktemp("newer")
    source, built = folder / "source", folder / "built"
    leave = shutil.ignore_patterns(".*", "_build", "__pycache__", "tests")
    shutil.copytree(ROOT, source, ignore=leave)
    shutil.copytree(html.parents[1], built, symlinks=True)
    track = next(
        path for path in (source / "iowall/data/tracks").glob("*.toml") if OLD in path.read_text()
    )
    track.write_text(track.read_text().replace(f'name = "{OLD}"', f'name = "{NEW}"'))
    fifth.add(track.parent)
    with (source / "book/_ext/pagelab/static/page.css").open("a") as style:
        style.write(f".pagelab-lab {{ outline: 1px solid {OUTLINE}; }}\n")
    notebook = source / "notebooks/01_access_patterns.ipynb"
    notebook.write_text(json.dumps(_marked(json.loads(notebook.read_text()))))
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", str(source)]
    run = subprocess.run(
        [*command, "--path-output", str(built)],
        env=os.environ | {"PYTHONPATH": str(source)},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-2000:]
    return built / "_build/html"


def _marked(notebook):
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["source"] = ["# the newer version\n", *cell["source"]]
    return notebook


def test_a_track_more_is_told_on_every_page(newer):
    for page in ("tracks", "access", "pipeline", "checkpoint", "sources"):
        assert fifth.NAME in (newer / f"book/{page}.html").read_text(), page


def files(folder, part="book"):
    """What the list of a built site says: path -> hash."""
    listed = json.loads((folder / "offline.json").read_text())[part]
    return {path: entry[0] for path, entry in listed.items()}


def saved(page):
    expect(page.locator(".iowall-offline")).to_have_text(SAVED, timeout=60_000)
    return page


def until(page, script):
    """Wait for an answer that a page gives later; Playwright's own wait takes a promise for one."""
    for _ in range(600):
        if page.evaluate(f"({script})().then(Boolean)"):
            return
        page.wait_for_timeout(200)
    raise AssertionError(f"never: {script}")


def visit_once(reader):
    """A first visit, until the chapter is kept; the page is closed."""
    saved(play.ready(reader.open(PAGE))).close()


def given(page, paths):
    """The hashes of the files that this page gets: path -> hash."""
    return page.evaluate(
        """async (paths) => {
            const given = {};
            const site = new URL("../", location.href.split("?")[0]);
            for (const path of paths) {
                const answer = await fetch(new URL(path, site));
                const hash = await crypto.subtle.digest("SHA-256", await answer.arrayBuffer());
                const bytes = [...new Uint8Array(hash).slice(0, 16)];
                given[path] = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
            }
            return given;
        }""",
        paths,
    )


def looks(page):
    """Which version a page shows: what Python drew, and the style."""
    name = page.locator(".iowall-widgets .iowall-track").first.inner_text().split("\n")[0]
    style = page.locator(access.LAB).evaluate("lab => getComputedStyle(lab).outlineColor")
    return name, style == OUTLINE


def test_after_one_visit_everything_is_there_without_the_server(reader, host, html):
    page = saved(play.ready(reader.open(PAGE)))
    host.stop()

    page.reload()
    play.ready(page)
    play.choose(page, "cloud")
    access.lock(page)
    before = play.shape(page, "iowall-throughput")
    page.get_by_label("Storage", exact=True).select_option("S3")
    play.changes(page, "iowall-throughput", before)
    page.locator(".iowall-reflection textarea").fill("Because each request costs a trip.")
    page.get_by_role("button", name="Submit my answer").click()
    expect(page.locator(".iowall-reflection")).to_contain_text("Mark your own answer")
    play.settle(page)

    for name in ("pipeline", "checkpoint", "ledger"):
        page.goto(f"{host.address}book/{name}.html")
        play.ready(page)
    expect(page.locator(".iowall-lab")).to_contain_text("Because each request costs a trip.")

    for path in files(html):
        if path.endswith(".html") and path != FRONT:
            page.goto(host.address + path, wait_until="commit")
            assert (page.url, page.evaluate(STATUS)) == (host.address + path, 200)
    page.goto(host.address + FRONT, wait_until="commit")
    page.wait_for_url("**/book/intro.html")
    assert page.evaluate(STATUS) == 200
    page.goto(f"{host.address}search.html?q=shuffle")
    expect(page.locator("#search-results li").first).to_be_visible()
    page.goto(f"{host.address}book/access.html?embed&track=edge#lab")
    play.ready(page)
    expect(page.locator(".bd-sidebar-primary")).to_be_hidden()
    page.goto(f"{host.address}book/notation.html")
    page.wait_for_selector("mjx-container mjx-math")
    fonts = (
        "[...document.fonts].filter(({ status }) => status === 'error').map((one) => one.family)"
    )
    assert page.evaluate(f"document.fonts.ready.then(() => {fonts})") == []
    with page.expect_console_message(lambda message: "503" in message.text):
        assert page.goto(f"{host.address}{NOTEBOOK}").status == 503
    expect(page.locator("body")).to_contain_text("not kept on this device")
    assert all("503" in wrong for wrong in reader.wrong)
    reader.wrong.clear()


def test_what_is_kept_is_kept_late_once_and_in_its_own_folder(reader, host):
    page = play.ready(reader.open(PAGE))
    asked = list(host.asked)
    early = asked[: asked.index("sw.js")] if "sw.js" in asked else asked
    assert PAGE in early and "runtime/pyodide.asm.wasm" in early
    assert "book/pipeline.html" not in early and "offline.json" not in early
    saved(page)
    scopes = page.evaluate(
        "navigator.serviceWorker.getRegistrations().then((all) => all.map(({ scope }) => scope))"
    )
    assert scopes == [reader.address]
    assert page.evaluate("caches.keys()") == [f"iowall {PATH}/"]
    host.asked.clear()
    saved(play.ready(reader.open(PAGE)))
    assert set(host.asked) <= {"offline.json", "sw.js"} and len(host.asked) <= 3


def test_a_new_version_is_there_at_the_next_visit_and_open_pages_keep_theirs(
    reader, host, html, newer
):
    old, new = files(html), files(newer)
    changed = [path for path in old.keys() & new.keys() if old[path] != new[path]]
    assert {"runtime/page/python.zip", "_static/iowall/page.css", PAGE} <= set(changed)
    visit_once(reader)
    page = play.ready(reader.open(PAGE))
    assert looks(page) == (OLD, False)
    theirs = page.evaluate("caches.open('iowall /elsewhere/').then(() => caches.keys())")

    host.folder = newer
    second = play.ready(reader.open(PAGE))
    assert looks(second) == (NEW, True)
    assert given(page, changed) == {path: old[path] for path in changed}
    saved(second)
    assert given(second, changed) == {path: new[path] for path in changed}
    assert given(page, changed) == {path: old[path] for path in changed}

    page.reload()
    assert looks(play.ready(page)) == (NEW, True)
    assert page.evaluate("caches.keys()") == theirs  # one of ours, and the other site's
    host.stop()
    page.reload()
    assert looks(play.ready(page)) == (NEW, True)


def test_a_version_that_cannot_be_had_whole_leaves_the_old_one(reader, host, newer):
    visit_once(reader)
    host.folder = newer
    page = reader.context.new_page()
    said = page.locator(".iowall-offline")

    def shows(version):
        page.reload()
        assert looks(play.ready(page)) == version

    host.faults = dict.fromkeys(["runtime/page/python.zip", "book/checkpoint.html"], "missing")
    page.goto(host.address + PAGE)
    page.wait_for_selector(f'{access.LAB}[data-state="failed"]')  # no lab without the first
    shows((OLD, False))
    del host.faults["runtime/page/python.zip"]
    page.goto(host.address + PAGE)
    expect(said).to_have_text(NOT_SAVED)
    shows((OLD, False))

    # Nor is what has arrived of it used without the server.
    page.goto(host.address + PAGE)
    expect(said).to_have_text(NOT_SAVED)
    host.down = True
    shows((OLD, False))
    page.goto(f"{host.address}book/checkpoint.html")
    play.ready(page)

    host.down, host.faults = False, {}  # the rest of it has arrived
    page.goto(host.address + PAGE)
    saved(play.ready(page))
    shows((NEW, True))
    reader.wrong.clear()  # what the lab said of its missing file


def test_it_comes_back_after_another_site_unregistered_all_workers(reader, host):
    visit_once(reader)
    page = play.ready(reader.open(PAGE))
    unregister = """async () => {
        const all = await navigator.serviceWorker.getRegistrations();
        return Promise.all(all.map((one) => one.unregister()));
    }"""
    assert page.evaluate(unregister) == [True]
    host.asked.clear()
    page.reload()
    saved(play.ready(page))
    assert "book/pipeline.html" not in host.asked  # what was kept is still there
    host.stop()
    page.reload()
    play.ready(page)


def _quota(page, host, size):
    session = page.context.new_cdp_session(page)
    origin = host.address.removesuffix(f"{PATH}/")
    session.send("Storage.overrideQuotaForOrigin", {"origin": origin, "quotaSize": size})
    return session  # the quota lasts as long


def test_a_device_without_room_says_so(reader, host):
    page = reader.context.new_page()
    session = _quota(page, host, 1_000_000)
    page.goto(host.address + PAGE)
    said = page.locator(".iowall-offline")
    expect(said).to_have_text(
        "This device has no room to keep the chapter for offline reading.", timeout=60_000
    )
    assert "book/pipeline.html" not in host.asked  # it was not tried
    play.choose(page, "cloud")
    session.detach()


def test_room_that_runs_out_meanwhile_is_no_harm(reader, host, newer):
    visit_once(reader)
    page = reader.context.new_page()
    [worker] = reader.context.service_workers
    worker.evaluate("navigator.storage.estimate = async () => ({ quota: 1e12, usage: 0 })")
    session = _quota(page, host, 1_000_000)
    host.folder = newer
    page.goto(host.address + PAGE)
    said = page.locator(".iowall-offline")
    expect(said).to_have_text(
        "This device has no room to keep the chapter for offline reading.", timeout=60_000
    )
    assert looks(page) == (NEW, True)
    host.stop()
    page.reload()
    assert looks(play.ready(page)) == (OLD, False)
    session.detach()


WITHOUT = {
    "no service workers": "delete Navigator.prototype.serviceWorker",
    "service workers refused": """self.ServiceWorkerContainer &&
        (ServiceWorkerContainer.prototype.register =
        async () => { throw new DOMException("refused", "SecurityError") })""",
    "no caches": """if (self.CacheStorage) {
        CacheStorage.prototype.has = CacheStorage.prototype.open =
        ServiceWorkerContainer.prototype.register =
            async () => { throw new DOMException("refused", "SecurityError") }
        }""",
    "saving on data": """Object.defineProperty(NetworkInformation.prototype, "saveData",
        { get: () => true })""",
}


@pytest.mark.parametrize("script", WITHOUT.values(), ids=WITHOUT)
def test_without_service_workers_everything_works_and_nothing_is_said(reader, host, script):
    reader.context.add_init_script(script)
    page = reader.open("book/references.html")
    page.wait_for_load_state()
    page.goto(host.address + PAGE)
    play.choose(play.ready(page), "cloud")
    access.lock(page)
    expect(page.locator(".iowall-offline span:not(:empty)")).to_have_count(0)
    assert not {"sw.js", "offline.json"} & set(host.asked)


def test_a_guest_in_a_frame_keeps_nothing(reader, host):
    page = reader.context.new_page()
    page.goto(f"{host.address}genindex.html")
    page.evaluate(
        """(address) => {
            document.body.innerHTML = `<iframe src="${address}?embed" width=900 height=900>`;
        }""",
        host.address + PAGE,
    )
    play.ready(page.frames[1])
    assert "sw.js" not in host.asked


def test_the_notebooks_too_after_one_visit_to_one_of_them(reader, host, html):
    page = reader.open(NOTEBOOK)
    page.wait_for_function(DONE, timeout=120_000)
    wanted = {**files(html), **files(html, "notebook")}
    until(page, f"() => caches.open('iowall {PATH}/').then((all) => all.match('{KEPT}complete'))")
    kept = page.evaluate(
        f"caches.open('iowall {PATH}/').then((all) => all.keys())"
        ".then((keys) => keys.map(({ url }) => decodeURI(new URL(url).pathname)))"
    )
    assert {f"{KEPT}file/{hash}/{path}" for path, hash in wanted.items()} <= set(kept)
    host.stop()
    page.goto(f"{host.address}lite/notebooks/index.html?path=03_checkpoint.ipynb")
    page.wait_for_function(DONE, timeout=120_000)
    for cell in page.evaluate(CELLS):
        assert not any(output["output_type"] == "error" for output in cell["outputs"])
    page.goto(f"{host.address}book/checkpoint.html")
    play.ready(page)


def test_a_notebook_that_a_reader_edits_never_hides_a_newer_one(reader, host, newer):
    page = reader.open(NOTEBOOK)
    page.wait_for_function(DONE, timeout=120_000)
    page.evaluate(
        """() => {
            const { content, context } = window.jupyterapp.shell.currentWidget;
            content.model.cells.get(1).sharedModel.setSource("# mine");
            context.save().catch(() => {}); // what a menu would not do
        }"""
    )
    dialog = page.locator(".jp-Dialog", has_text="read-only")
    dialog.get_by_role("button", name="Close").click()
    page.keyboard.press("Control+s")
    host.folder = newer
    other = reader.open(NOTEBOOK)
    other.wait_for_function(DONE, timeout=120_000)
    source = "".join(cell["source"] for cell in other.evaluate(CELLS))
    assert "# the newer version" in source and "# mine" not in source
