"""What `pip install iowall` brings, and what the files for strangers say of it."""

import json
import os
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from email import message_from_string
from pathlib import Path

import numpy
import pytest
import yaml
from flit_core import buildapi
from packaging.requirements import Requirement

import iowall
from tests.conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ADDRESS = PROJECT["urls"]["Repository"]
# What the extra `labs` is for, and what only calls another module.
OTHERS = ("labs", "views", "ledger/browser_store.py", "__main__.py")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """What a package index would get."""
    folder, here = tmp_path_factory.mktemp("wheel"), Path.cwd()
    os.chdir(ROOT)
    try:
        name = buildapi.build_wheel(str(folder))
    finally:
        os.chdir(here)
    with zipfile.ZipFile(folder / name) as archive:
        yield archive


@pytest.fixture(scope="module")
def alone(wheel, tmp_path_factory):
    """Python with the wheel and NumPy, and nothing else."""
    folder = tmp_path_factory.mktemp("alone")
    venv.create(folder, symlinks=os.name != "nt")
    where = {"base": str(folder), "platbase": str(folder)}
    site = Path(sysconfig.get_path("purelib", "venv", where))
    wheel.extractall(site)
    for path in Path(numpy.__file__).parents[1].glob("numpy*"):
        (site / path.name).symlink_to(path)
    return Path(sysconfig.get_path("scripts", "venv", where)) / "python"


def run(python, code):
    done = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def metadata(wheel, name="METADATA"):
    [path] = [one for one in wheel.namelist() if one.endswith(f".dist-info/{name}")]
    return wheel.read(path).decode()


def wanted(wheel, extra):
    """The names of what comes with an extra, or without one."""
    lines = message_from_string(metadata(wheel)).get_all("Requires-Dist")
    asked = map(Requirement, lines)
    return {one.name for one in asked if not one.marker or one.marker.evaluate({"extra": extra})}


def test_it_needs_numpy_alone_and_the_labs_their_widgets(wheel):
    widgets = {"ipywidgets", "bqplot", "anywidget"}
    assert wanted(wheel, "") == {"numpy"}
    assert wanted(wheel, "labs") == {"numpy"} | widgets
    assert "iowall" in wanted(wheel, "book") and "iowall" in wanted(wheel, "test")
    for extra in ("book", "pdf", "sweep", "test"):
        assert not widgets & wanted(wheel, extra)  # each version stands in one place


def test_every_file_of_the_package_is_in_the_wheel(wheel):
    files = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "iowall").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {one for one in wheel.namelist() if one.startswith("iowall/")} == files
    assert "iowall/py.typed" in files


def test_models_and_scenarios_load_numpy_and_nothing_else(alone):
    package = ROOT / "iowall"
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in sorted(package.rglob("*.py"))
        if not path.relative_to(package).as_posix().startswith(OTHERS)
    ]
    assert {"iowall.models.access", "iowall.hardware", "iowall.units"} <= set(names)
    loaded = run(
        alone,
        f"""
import importlib, json, sys
for name in {names}:
    importlib.import_module(name)
print(json.dumps(sorted({{name.partition(".")[0] for name in sys.modules}})))
""",
    )
    strangers = set(json.loads(loaded)) - sys.stdlib_module_names - {"__main__"}
    assert strangers == {"iowall", "numpy"}


def test_without_the_labs_nothing_else_is_there_to_load(alone):
    """Else the test above could not fail."""
    code = "import importlib.util as it; print([it.find_spec(n) for n in ('ipywidgets', 'yaml')])"
    assert run(alone, code) == "[None, None]\n"


def test_the_command_is_installed(wheel):
    assert "iowall=iowall.cli:main" in metadata(wheel, "entry_points.txt").split()


def test_the_command_says_its_version_and_how_it_is_used(alone):
    call = "import sys; from iowall.cli import main; sys.exit(main())"
    for option, said in (("--version", f"iowall {PROJECT['version']}\n"), ("--help", "usage: ")):
        done = subprocess.run(
            [alone, "-I", "-c", call, option], capture_output=True, text=True, check=True
        )
        assert done.stdout.startswith(said)


def test_the_files_for_strangers_agree():
    book = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    cite = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    [author] = PROJECT["authors"]
    assert cite["authors"] == [author] and book["author"] == author["name"]
    for name in ("version", "license", "keywords"):
        assert cite[name] == PROJECT[name], name
    assert iowall.__version__ == PROJECT["version"]
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "\n## [Unreleased]\n" in changes and f"\n## [{PROJECT['version']}] - " in changes


def test_the_repository_has_one_address():
    """The owner's setting; CONTRIBUTING.md has the command that changes it everywhere."""
    cite = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    book = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    security = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    assert cite["repository-code"] == ADDRESS
    assert f"<{ADDRESS}/security>" in security and f"({ADDRESS}/issues)" in security
    assert book.get("repository", {"url": ADDRESS})["url"] == ADDRESS
    others = {to for name, to in PROJECT["urls"].items() if name != "Repository"}
    assert others and all(to.startswith(f"{ADDRESS}/") for to in others)


def test_each_python_that_is_tested_is_named():
    workflow = yaml.safe_load((ROOT / ".github/workflows/site.yml").read_text(encoding="utf-8"))
    tested = workflow["jobs"]["fast"]["strategy"]["matrix"]["python"]
    named = [
        one.rpartition(" ")[2]
        for one in PROJECT["classifiers"]
        if one.startswith("Programming Language :: Python :: 3.")
    ]
    assert tested == named and PROJECT["requires-python"] == f">={named[0]}"
    first, last = (tuple(map(int, one.split("."))) for one in (named[0], named[-1]))
    assert len(named) == last[1] - first[1] + 1
