"""What is installed is what the lock files say, and they say what pyproject.toml asks for."""

import json
import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, version
from itertools import product
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import ROOT

LOCKS = [ROOT / ".ci" / "book.txt", ROOT / ".ci" / "test.txt"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
WHEELS = ROOT / "book" / "_ext" / "pagelab" / "locks" / "wheels.txt"
# What installs the rest; some systems do not let it replace itself.
INSTALLER = {"pip"}
SYSTEMS = {
    "Linux": {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"},
    "macOS": {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"},
    "Windows": {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"},
}
PYTHONS = ("3.11", "3.12", "3.13", "3.14")


def locked(*paths):
    """The requirements in lock files."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    return [Requirement(line.rstrip(" \\")) for line in re.findall(r"^\w.*$", text, re.MULTILINE)]


def pins(requirements, environment=None):
    """Name to version, of what a machine of this kind gets."""
    found = [one for one in requirements if not one.marker or one.marker.evaluate(environment)]
    names = [canonicalize_name(one.name) for one in found]
    assert len(set(names)) == len(names)
    versions = [str(one.specifier).removeprefix("==") for one in found]
    return dict(zip(names, versions, strict=True))


def asked(*extras):
    """What pyproject.toml asks for, extras that name extras included."""
    project = PROJECT["project"]
    todo, found = [*project["dependencies"]], []
    for extra in extras:
        todo += project["optional-dependencies"][extra]
    for one in map(Requirement, todo):
        found += asked(*one.extras) if one.name == project["name"] else [one]
    return found


BOOK, BOTH = locked(LOCKS[0]), locked(*LOCKS)


@pytest.mark.parametrize(("system", "python"), list(product(SYSTEMS, PYTHONS)))
def test_the_lock_gives_what_is_asked_for(system, python):
    environment = {
        **SYSTEMS[system],
        "python_version": python,
        "python_full_version": f"{python}.9",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    build = [Requirement(one) for one in PROJECT["build-system"]["requires"]]
    everything = asked(*PROJECT["project"]["optional-dependencies"])
    for wanted, requirements in ((asked("book") + build, BOOK), (everything, BOTH)):
        given = pins(requirements, environment)
        assert len(given) > 80
        for one in wanted:
            name = canonicalize_name(one.name)
            assert name in INSTALLER or one.specifier.contains(given[name]), f"{one}: .ci/lock"


@pytest.mark.parametrize("path", [*LOCKS, WHEELS], ids=lambda path: path.name)
def test_every_file_is_locked_by_its_content(path):
    entries = re.split(r"\n(?=\w)", path.read_text(encoding="utf-8"))[1:]
    assert len(entries) == len(locked(path))
    for entry in entries:
        first = entry.partition("\n")[0]
        assert re.match(r"[\w.-]+==\S+", first), first
        assert re.search(r"\n    --hash=sha256:[0-9a-f]{64}\b", entry), first


@pytest.mark.parametrize("path", [*LOCKS, WHEELS], ids=lambda path: path.name)
def test_no_index_is_named(path):
    text = path.read_text(encoding="utf-8")
    assert "://" not in text and not re.search(r"^\s*-[-if]?\w*(index|find)", text, re.MULTILINE)


def test_what_is_installed_is_the_lock():
    if Path(sys.prefix) != ROOT / ".venv":
        pytest.skip("not the environment that the README's commands make")
    wrong = {}
    for name, wanted in pins(BOTH).items():
        try:
            found = version(name)
        except PackageNotFoundError:
            found = "nothing"
        if found != wanted:
            wrong[name] = f"{found} instead of {wanted}"
    assert not wrong


def test_the_browser_and_the_lock_have_the_same_widgets():
    given, browser = pins(BOTH), pins(locked(WHEELS))
    exact = {one.name: str(one.specifier) for one in asked("labs")}
    for name in ("ipywidgets", "bqplot", "anywidget"):
        assert exact[name] == f"=={browser[name]}"
    # The notebook's front ends come from what is installed, Python's side from its own lock.
    for name in ("ipywidgets", "bqplot", "bqscales", "anywidget"):
        assert given[name] == browser[name]


def test_what_npm_brings_is_locked_by_content_and_names_no_registry():
    lock = json.loads((WHEELS.parent / "package-lock.json").read_text(encoding="utf-8"))
    asked = json.loads((WHEELS.parent / "package.json").read_text(encoding="utf-8"))["dependencies"]
    packages = {path: one for path, one in lock["packages"].items() if path}
    assert {name: packages[f"node_modules/{name}"]["version"] for name in asked} == asked
    for path, one in packages.items():
        assert re.match(r"sha512-[\w+/]{86}==$", one["integrity"]) and "resolved" not in one, path


def test_the_documented_commands_use_the_lock():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    build, test = re.findall(r"^python3 -m venv .*$", readme, re.MULTILINE)
    assert "install -q -r .ci/book.txt &&" in build and "jupyter-book build" in build
    assert "install -q -r .ci/book.txt -r .ci/test.txt &&" in test
    assert test.partition("/pytest ")[2].startswith("-n 2 --dist loadfile ")
    for command in (build, test):
        assert "install -q --no-deps --no-build-isolation -e . &&" in command
    run = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert run.splitlines()[-1] == test
    assert ".ci/lock --upgrade" in readme


def test_the_workflow_runs_actions_by_their_content():
    workflow = (ROOT / ".github" / "workflows" / "site.yml").read_text(encoding="utf-8")
    used = re.findall(r"uses: (\S+)", workflow)
    assert used and all(re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", one) for one in used)
