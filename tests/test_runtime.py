"""The runtime of the browser is what runtime.toml says, or the build stops with one sentence."""

import base64
import hashlib
import json
import subprocess
import sys
import zipfile
from dataclasses import replace

import pytest

from tests.conftest import ROOT

sys.path.insert(0, str(ROOT / "book" / "_ext"))
from iowall_site import parts, runtime  # noqa: E402

NPM, WHEELS, TABLE = parts.read(ROOT / "book" / "_ext" / "iowall_site" / "runtime.toml")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    site = tmp_path_factory.mktemp("site")
    runtime.Runtime(ROOT).publish(site)
    return site / "runtime"


def test_wrong_content_stops_the_build(tmp_path, monkeypatch):
    monkeypatch.setattr(parts, "cache_folder", lambda: tmp_path)
    false = tmp_path / "comm.whl"
    false.write_bytes(b"not the wheel")
    with pytest.raises(parts.PartError) as error:
        parts._keep(WHEELS["comm"], false)
    found = hashlib.sha256(b"not the wheel").hexdigest()
    sentence = str(error.value)
    assert "comm 0.2.3" in sentence and WHEELS["comm"].sha256 in sentence and found in sentence
    assert not any(tmp_path.glob("parts/*"))


def test_a_part_that_arrives_cut_or_not_at_all_stops_the_build(tmp_path, monkeypatch):
    monkeypatch.setattr(parts, "cache_folder", lambda: tmp_path)
    whole = bytes(100)
    part = replace(WHEELS["comm"], sha256=hashlib.sha256(whole).hexdigest())

    monkeypatch.setattr(parts, "_pip", lambda wanted, folder: None)  # all in one call: none came

    def arrives(content):
        def source(wanted, sources, folder):
            if content:
                (folder / wanted.file).write_bytes(content)

        monkeypatch.setitem(parts._SOURCES, "pypi", source)
        return parts.fetch([part], {})

    with pytest.raises(parts.PartError, match=r"^The runtime part comm 0\.2\.3 .* wrong content"):
        arrives(whole[:50])
    with pytest.raises(
        parts.PartError, match=r"^No source gave .* comm 0\.2\.3 .* it has no comm-"
    ):
        arrives(b"")
    assert not any(tmp_path.glob("parts/*"))
    assert arrives(whole)["comm"].read_bytes() == whole


def test_a_damaged_cache_is_not_trusted(tmp_path, monkeypatch):
    monkeypatch.setattr(parts, "cache_folder", lambda: tmp_path)
    part = WHEELS["comm"]
    parts.write(parts._place(part), b"cut short")
    assert not parts._cached(part)


def test_the_official_numpy():
    # The SHA-256 in the lock file that Pyodide 314.0.3 publishes.
    published = "0cad9c1b91f0082e4f959bc0e0bf5835a2efbba6ab3b1e9d1fe6e7e564cca98e"
    assert WHEELS["numpy"].sha256 == published


def test_the_lock_lists_exactly_what_is_shipped(made):
    lock = json.loads((made / "pyodide-lock.json").read_text())
    listed = {entry["file_name"]: entry["sha256"] for entry in lock["packages"].values()}
    shipped = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in made.glob("*.whl")
    }
    assert listed == shipped


def test_a_page_starts_with_what_its_manifest_lists(made):
    files = json.loads((made / "page" / "manifest.json").read_text())["files"]
    for file, entry in files.items():
        data = (made / file).read_bytes()
        assert entry["bytes"] == len(data)
        assert entry["integrity"] == _integrity(data)
    shipped = {path.relative_to(made).as_posix() for path in (made / "page").iterdir()}
    assert shipped - set(files) == {"page/manifest.json"}


def _integrity(data):
    return f"sha256-{base64.b64encode(hashlib.sha256(data).digest()).decode()}"


def test_a_page_draws_with_what_its_manifest_lists(made):
    web = json.loads((made / "page" / "manifest.json").read_text())["web"]
    worker = web.pop("worker.mjs")
    assert worker == _integrity((ROOT / "book/_static/iowall/worker.mjs").read_bytes())
    shipped = {path.relative_to(made).as_posix(): path for path in (made / "web").iterdir()}
    assert web == {name: _integrity(path.read_bytes()) for name, path in shipped.items()}


def test_a_page_has_no_pandas_but_the_stand_in(made):
    names = zipfile.ZipFile(made / "page" / "python.zip").namelist()
    assert [name for name in names if name.startswith("pandas/")] == ["pandas/__init__.pyc"]
    assert not [name for name in names if name.startswith(("scipy", "jedi", "IPython/core/magic"))]


def test_everything_is_compiled(made):
    assert not [
        name
        for name in zipfile.ZipFile(made / "page" / "python.zip").namelist()
        if name.endswith(".py")
    ]
    for wheel in made.glob("*.whl"):
        names = zipfile.ZipFile(wheel).namelist()
        sources = {name for name in names if name.endswith(".py")}
        if wheel.name.startswith(("iowall-", "iowall_")):
            compiled = [name for name in names if name.endswith(".cpython-314.pyc")]
            assert len(compiled) == len(sources)  # a student reads the one, Python the other
        else:
            assert not sources


def test_the_second_time_nothing_is_made_again(made, monkeypatch):
    def not_again(*arguments, **more):
        raise AssertionError("it compiled or fetched again")

    monkeypatch.setattr("iowall_site.archives._compiled", not_again)
    monkeypatch.setattr("subprocess.run", not_again)
    runtime.Runtime(ROOT)


def test_pandas_says_why_it_is_not_there():

    folder = ROOT / "book" / "_ext" / "iowall_site" / "browser" / "everywhere"
    code = "import pandas as pd; pd.read_csv('x')"
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
    )
    last = run.stderr.strip().splitlines()[-1]
    assert run.returncode and "pandas is left out" in last
