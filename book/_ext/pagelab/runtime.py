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
import re
import tomllib
import zipfile
from dataclasses import replace
from pathlib import Path

from . import archives, frontend, npm, parts, served

HERE = Path(__file__).parent
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

    def __init__(self, settings):
        self.settings, self.book = settings, settings.package.name
        self.cache = parts.cache_folder(settings.cache)
        self.policy = tomllib.loads((HERE / "runtime.toml").read_text(encoding="utf-8"))
        self.modules = npm.installed(self.cache)
        self._pyodide = _unpacked(self.modules, self.cache)
        self._official = json.loads((self._pyodide / LOCK).read_text(encoding="utf-8"))
        self._own = self._own_packages()
        self._locked = parts.wheels(self._official)
        self.wheels = {n: self._locked[n] for n in self._everything() if n not in self._own}
        self.paths = self.fetch(self.wheels)
        self._unpacked = self.policy["start"]["page_unpacks"]
        unpacked = [(one, self._wheel(one).get("page_drop", [])) for one in self._unpacked]
        self._made = archives.make(
            [
                self._stdlib(),
                *map(self._slim, self.wheels),
                *self._own_wheels(),
                *(self._slim(one, before=_PAGE, drop=drop) for one, drop in unpacked),
                *self._own_wheels(before=_PAGE, keep_source=False),
            ],
            self._pyodide,
            self.cache,
        )
        self._web, self.bundled = self._front_ends()

    def fetch(self, names):
        """The wheels of these names, {name: path}; a site need not ship them."""
        wanted = [self._locked[name] for name in names]
        return parts.fetch(wanted, self.cache, builds=self.policy["builds"])

    def _own_packages(self):
        """What is built from source: the book's package, and ours, {name: (folder, depends)}."""
        book = {self.book: (self.settings.package, self.policy["start"]["labs"])}
        own = self.policy["own"].items()
        return book | {name: (HERE / one["folder"], one.get("depends", [])) for name, one in own}

    def packages(self, start):
        """The names of all packages that a "page" or a "notebook" needs."""
        names, todo = set(), [self.book, *self.policy["start"][start]]
        while todo:
            name = todo.pop()
            if name not in names:
                names.add(name)
                todo += self._depends(name)
        return sorted(names)

    def _everything(self):
        starts = ["page", "notebook"] if self.settings.notebooks else ["page"]
        return sorted({name for start in starts for name in self.packages(start)})

    def publish(self, site):
        """Lay the runtime into a built site, writing only what differs."""
        runtime = {name: (self._pyodide / name).read_bytes() for name in PYODIDE_FILES}
        if self.settings.notebooks:
            runtime |= self._for_notebooks()
        runtime |= {f"web/{name}": data for name, data in self._web.items()}
        runtime |= {f"page/{name}": data for name, data in self._page(runtime).items()}
        _lay(site / "runtime", runtime)

    def _for_notebooks(self):
        """What Pyodide fetches for itself: its library, wheels, and the lock that lists these."""
        runtime = {STDLIB: self._made[STDLIB].read_bytes()}
        lock = self._official | {"packages": {}}
        for name in self._everything():
            wheel = self._made[name].read_bytes()
            lock["packages"][name] = entry = self._lock_entry(name, wheel)
            runtime[entry["file_name"]] = wheel
        runtime[LOCK] = _json(lock)
        return runtime

    def _page(self, runtime):
        """What a page fetches in place of wheels, with nothing in it that a page never imports."""
        python, folder = [self._made[STDLIB]], []
        for name in self.packages("page"):
            # A zip has no __pycache__, so what keeps its source for notebooks is made twice.
            made = self._made.get(_PAGE + name) or self._made[name]
            (folder if name in self._unpacked else python).append(made)
        drop = self.policy["slim"]["page_drop"]
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
        scripts = {name: data for name, data in runtime.items() if name.startswith("web/")}
        scripts["worker.mjs"] = served.files(self.settings)["worker.mjs"]
        web = {name: f"sha256-{_base64(data)}" for name, data in sorted(scripts.items())}
        every = {
            "files": manifest,
            "lock": {"info": self._official["info"], "packages": {}},
            "opens": self.settings.open,
            "web": web,
        }
        # As JavaScript writes it, so that a page can tell whether this file is whole, too.
        check = json.dumps(every, separators=(",", ":"), sort_keys=True).encode()
        files["manifest.json"] = _json({"check": f"sha256-{_base64(check)}"} | every)
        return files

    def publish_mathjax(self, static):
        """Lay MathJax into a site's _static folder."""
        _lay(static / "mathjax", npm.members(self.modules, "mathjax", *MATHJAX))

    def _wheel(self, name):
        return self.policy["wheel"].get(name, {})

    def _depends(self, name):
        return self._own[name][1] if name in self._own else self._wheel(name).get("depends", [])

    def _stdlib(self):
        # Zipped modules are found as a.pyc beside where a.py would be.
        return archives.from_zip(
            self._pyodide / STDLIB,
            origin=self._pyodide.name,
            name=STDLIB,
            prefix="/lib/python314.zip",
        )

    def _slim(self, name, *, before="", drop=()):
        drop = [*self.policy["slim"]["drop"], *self._wheel(name).get("drop", []), *drop]
        origin = self.wheels[name].sha256
        return archives.from_zip(self.paths[name], drop=drop, origin=origin, name=before + name)

    def _own_wheels(self, *, before="", keep_source=True):
        for name, (folder, _) in self._own.items():
            wheel = archives.from_folder(
                folder,
                name=name,
                version=self._version(name),
                package=name == self.book,
                keep_source=keep_source,
            )
            yield replace(wheel, name=before + name)

    def _version(self, name):
        return self.wheels[name].version if name in self.wheels else self.settings.version

    def _lock_entry(self, name, wheel):
        sha256 = hashlib.sha256(wheel).hexdigest()
        version = self._version(name)
        return {
            "name": name,
            "version": version,
            # The content is in the name (as a wheel's build tag), so that no browser or proxy
            # ever gives yesterday's wheel to today's lock file.
            "file_name": wheel_name(name, f"{version}-0x{sha256[:8]}", wheel),
            "install_dir": "site",
            "sha256": sha256,
            "package_type": "package",
            "imports": _top_level(wheel),
            "depends": self._depends(name),
            "unvendored_tests": False,
        }

    def _front_ends(self):
        files, bundled = frontend.bundle(self.modules, self.cache)
        for name in FRONT_ENDS:
            with zipfile.ZipFile(self.paths[name]) as wheel:
                [bundle] = fnmatch.filter(wheel.namelist(), f"*/nbextensions/{name}/index.js")
                files[f"{name}.js"] = wheel.read(bundle)
        return files, bundled


def _unpacked(modules, cache):
    """Pyodide as files in a folder named by its content, for Node."""
    folder = cache / "pyodide" / modules.stem
    if not (folder / LOCK).exists():
        names = [*PYODIDE_FILES, STDLIB, LOCK]  # the lock last: it says that all are there
        files = npm.members(modules, "pyodide", *names)
        for name in names:
            parts.write(folder / name, files[name])
    return folder


def wheel_name(name, version, wheel):
    """The name of a wheel's file; for which Pythons and machines it is, the wheel itself says."""
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        [about] = [name for name in archive.namelist() if name.endswith(".dist-info/WHEEL")]
        said = re.findall(r"^Tag: (\S+)", archive.read(about).decode(), re.MULTILINE)
    columns = zip(*(tag.split("-") for tag in said), strict=True)
    tags = [".".join(dict.fromkeys(column)) for column in columns]
    return "-".join([name.replace("-", "_"), version, *tags]) + ".whl"


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
