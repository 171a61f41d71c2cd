"""The browser's runtime: assembled in the cache, then laid into the site.

- `runtime/`: pyodide.*, python_stdlib.zip, pyodide-lock.json and the wheels it lists
- `runtime/page/`: the same for a page, which installs nothing: python.zip holds the standard
  library and all packages but those that must lie in a folder, which are in folder.zip
- `runtime/page/manifest.json`: what the start of a page fetches: sizes for its progress bar, and
  hashes, by which the page checks each file
- `runtime/web/`: the widget front ends
- `_static/mathjax/`: MathJax
"""

import base64
import fnmatch
import hashlib
import io
import json
import tarfile
import tomllib
import zipfile
from dataclasses import replace
from pathlib import Path

from . import archives, frontend, parts

PYODIDE_FILES = ["pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm"]
STDLIB, LOCK = "python_stdlib.zip", "pyodide-lock.json"
_PAGE = "page/"  # before the name of an archive that only pages fetch

# The wheels whose AMD bundles draw their widgets.
FRONT_ENDS = ["bqplot", "bqscales", "anywidget"]

# Of 20 MB the input and output that Sphinx uses, the extensions and fonts these load on demand,
# and the speech that the reader may switch on in MathJax's menu.
MATHJAX = [
    "es5/tex-mml-chtml.js",
    "es5/input/tex/extensions/*",
    "es5/output/chtml/fonts/*",
    "es5/ui/*",
    "es5/a11y/*",
    "es5/sre/mathmaps/base.json",
    "es5/sre/mathmaps/en.json",
]


class Runtime:
    """Assembled when it is made; `publish` lays it into a built site."""

    def __init__(self, root):
        self.root = root
        self._npm, self._wheels, self._table = parts.read(Path(__file__).with_name("runtime.toml"))
        every = [*self._npm.values(), *self._wheels.values()]
        self._paths = parts.fetch(every, self._table["sources"])
        self._pyodide = _unpacked(self._paths["pyodide"])
        self._unpacked = self._table["start"]["page_unpacks"]
        unpacked = [self._wheels[name] for name in self._unpacked]
        self._made = archives.make(
            [
                self._stdlib(),
                *map(self._slim, self._wheels.values()),
                *self._own_wheels(),
                *(self._slim(one, name=_PAGE + one.name, drop=one.page_drop) for one in unpacked),
                *self._own_wheels(before=_PAGE, keep_source=False),
            ],
            self._pyodide,
        )

    def packages(self, start):
        """The names of all packages that a "page" or a "notebook" needs."""
        names, todo = set(), list(self._table["start"][start])
        while todo:
            name = todo.pop()
            if name not in names:
                names.add(name)
                todo += self._entry(name).get("depends", [])
        return sorted(names)

    def publish(self, site):
        """Lay the runtime into a built site, writing only what differs."""
        runtime = {name: (self._pyodide / name).read_bytes() for name in PYODIDE_FILES}
        runtime[STDLIB] = self._made[STDLIB].read_bytes()
        lock = json.loads((self._pyodide / LOCK).read_text(encoding="utf-8"))
        lock["packages"] = {}
        for name in sorted({*self.packages("page"), *self.packages("notebook")}):
            wheel = self._made[name].read_bytes()
            lock["packages"][name] = entry = self._lock_entry(name, wheel)
            runtime[entry["file_name"]] = wheel
        runtime[LOCK] = _json(lock)
        runtime |= {f"web/{name}": data for name, data in self._front_ends().items()}
        runtime |= {f"page/{name}": data for name, data in self._page(runtime).items()}
        _lay(site / "runtime", runtime)

    def _page(self, runtime):
        """What a page fetches in place of wheels, with nothing in it that a page never imports."""
        python, folder = [self._made[STDLIB]], []
        for name in self.packages("page"):
            # A zip has no __pycache__, so what keeps its source for notebooks is made twice.
            made = self._made.get(_PAGE + name) or self._made[name]
            (folder if name in self._unpacked else python).append(made)
        drop = self._table["slim"]["page_drop"]
        files = {
            "python.zip": archives.merged(python, drop=drop),
            "folder.zip": archives.merged(folder, drop=drop),
        }
        data = {name: (self._pyodide / name).read_bytes() for name in PYODIDE_FILES}
        data |= {f"page/{name}": content for name, content in files.items()}
        manifest = {
            name: {"bytes": len(content), "integrity": f"sha256-{_base64(content)}"}
            for name, content in data.items()
        }
        info = json.loads((self._pyodide / LOCK).read_text(encoding="utf-8"))["info"]
        scripts = {name: data for name, data in runtime.items() if name.startswith("web/")}
        scripts["worker.mjs"] = (self.root / "book/_static/iowall/worker.mjs").read_bytes()
        web = {name: f"sha256-{_base64(data)}" for name, data in sorted(scripts.items())}
        every = {"files": manifest, "lock": {"info": info, "packages": {}}, "web": web}
        # As JavaScript writes it, so that a page can tell whether this file is whole, too.
        check = json.dumps(every, separators=(",", ":"), sort_keys=True).encode()
        files["manifest.json"] = _json({"check": f"sha256-{_base64(check)}"} | every)
        return files

    def publish_mathjax(self, static):
        """Lay MathJax into a site's _static folder."""
        _lay(static / "mathjax", _members(self._paths["mathjax"], *MATHJAX))

    def _entry(self, name):
        return self._table["own"].get(name) or self._table["wheel"][name]

    def _stdlib(self):
        # Zipped modules are found as a.pyc beside where a.py would be.
        return archives.from_zip(
            self._pyodide / STDLIB,
            origin=self._npm["pyodide"].sha256,
            name=STDLIB,
            prefix="/lib/python314.zip",
        )

    def _slim(self, part, *, name="", drop=()):
        drop = [*self._table["slim"]["drop"], *part.drop, *drop]
        path = self._paths[part.name]
        return archives.from_zip(path, drop=drop, origin=part.sha256, name=name or part.name)

    def _own_wheels(self, *, before="", keep_source=True):
        for name, own in self._table["own"].items():
            wheel = archives.from_folder(
                self.root / own["folder"],
                name=name,
                version=self._version(name),
                package=own.get("package", False),
                keep_source=keep_source,
            )
            yield replace(wheel, name=before + name)

    def _version(self, name):
        if name in self._wheels:
            return self._wheels[name].version
        project = tomllib.loads((self.root / "pyproject.toml").read_text(encoding="utf-8"))
        return project["project"]["version"]

    def _lock_entry(self, name, wheel):
        sha256 = hashlib.sha256(wheel).hexdigest()
        version = self._version(name)
        tags = "py3-none-any"
        if name in self._wheels:
            tags = "-".join(Path(self._wheels[name].file).stem.split("-")[-3:])
        return {
            "name": name,
            "version": version,
            # The content is in the name (as a wheel's build tag), so that no browser or proxy
            # ever gives yesterday's wheel to today's lock file.
            "file_name": f"{name.replace('-', '_')}-{version}-0x{sha256[:8]}-{tags}.whl",
            "install_dir": "site",
            "sha256": sha256,
            "package_type": "package",
            "imports": _top_level(wheel),
            "depends": self._entry(name).get("depends", []),
            "unvendored_tests": False,
        }

    def _front_ends(self):
        packages = {name: self._paths[name] for name in self._table["bundle"]}
        files = frontend.bundle(packages, self._paths["esbuild-wasm"])
        for name in FRONT_ENDS:
            with zipfile.ZipFile(self._paths[name]) as wheel:
                [bundle] = fnmatch.filter(wheel.namelist(), f"*/nbextensions/{name}/index.js")
                files[f"{name}.js"] = wheel.read(bundle)
        return files


def _unpacked(tarball):
    """Pyodide as files in a folder named by its content, for Node."""
    folder = parts.cache_folder() / "pyodide" / tarball.name
    if not (folder / LOCK).exists():
        for name in [*PYODIDE_FILES, STDLIB, LOCK]:  # the lock last: it says that all are there
            [data] = _members(tarball, name).values()
            parts.write(folder / name, data)
    return folder


def _members(tarball, *patterns):
    """The files in an npm tarball that match, named from its package folder."""
    files = {}
    with tarfile.open(tarball) as archive:
        for member in archive:
            name = member.name.partition("/")[2]
            if member.isfile() and any(fnmatch.fnmatchcase(name, one) for one in patterns):
                files[name] = archive.extractfile(member).read()
    return files


def _top_level(wheel):
    """The modules that a wheel installs."""
    names = zipfile.ZipFile(io.BytesIO(wheel)).namelist()
    tops = {Path(name).parts[0] for name in names if name.endswith((".py", ".pyc", ".so"))}
    return sorted({Path(top).stem for top in tops if top != "__pycache__"})


def _base64(data):
    """The SHA-256 of some bytes, as a browser is told it."""
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


def _json(value):
    return json.dumps(value, indent=1, sort_keys=True).encode()


def _lay(folder, files):
    """Make the folder hold these files and no others, touching only what differs."""
    for path in folder.rglob("*") if folder.exists() else []:
        if path.is_file() and path.relative_to(folder).as_posix() not in files:
            path.unlink()
    for name, data in files.items():
        path = folder / name
        if not (path.exists() and path.read_bytes() == data):
            parts.write(path, data)
