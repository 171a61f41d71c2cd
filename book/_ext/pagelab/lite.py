"""The JupyterLite site: every lab as a notebook, in a tab of its own.

One idea: the application is compiled by `jupyter lite build` and changes with its version only;
the course notebooks are plain files beside it and are written each time.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from . import served
from .parts import PartError, labextension, say, write

AUTORUN = Path(__file__).with_name("autorun.js")

EXTENSIONS = [
    "@jupyter-widgets/jupyterlab-manager",
    "@jupyterlite/pyodide-kernel-extension",
    "anywidget",
    "bqplot",
    "bqscales",
]

BUILD = {
    "apps": ["notebooks"],
    "no_sourcemaps": True,
    "no_unused_shared_packages": True,
    # Only what the labs need, whatever else is installed in the environment of the build.
    "ignore_sys_prefix": True,
}

OVERRIDES = {
    # A notebook saved in the browser hides every later version of it: nothing is saved unasked.
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
    "@jupyterlab/apputils-extension:notification": {
        "checkForUpdates": False,
        "fetchNews": "false",
    },
}


DISABLED = [
    # It takes any other service worker of the site for its own, and unregisters all of them when
    # its version changes. It would let Python see the file browser; no lab needs that.
    "@jupyterlite/application-extension:service-worker-manager",
    "@jupyterlab/apputils-extension:announcements",
    # It asks for icons that JupyterLite does not have.
    "@jupyter-notebook/notebook-extension:tab-icon",
]


def build(settings, *, site, packages):
    """Compile JupyterLite into site/lite, with Pyodide from site/runtime."""
    lite = site / "lite"
    config = {"jupyter-lite-schema-version": 0, "jupyter-config-data": _config(settings, packages)}
    stamp, key = lite / "built-from.txt", _key(settings, config)
    if not (stamp.exists() and stamp.read_text(encoding="utf-8") == key):
        say("compiling JupyterLite …")
        _compile(settings, config, lite)
        write(stamp, key.encode())
    _write_contents(sorted(settings.notebooks.glob("*.ipynb")), lite)


def _config(settings, packages):
    """What jupyter-lite.json says. A path ending in Url is seen from the lite folder."""
    return {
        "appName": settings.title,
        "appUrl": "./notebooks",
        # One name for all versions: what a reader saved is found again after an update.
        "contentsStorageName": f"{settings.prefix} notebooks",
        "settingsStorageName": f"{settings.prefix} settings",
        "workspacesStorageName": f"{settings.prefix} workspaces",
        "contentsAllJsonFile": "all.json",
        "exposeAppInBrowser": True,  # for autorun.js
        "disabledExtensions": DISABLED,
        "litePluginSettings": {
            "@jupyterlite/pyodide-kernel-extension:kernel": {
                "pyodideUrl": "./../runtime/pyodide.mjs",
                "disablePyPIFallback": True,
                # All at once: what is missing here is installed one by one after the start.
                "loadPyodideOptions": {"packages": packages},
            }
        },
    }


def _key(settings, config):
    """What the compiled application depends on."""
    versions = [version("jupyterlite-core"), *(_extension_version(name) for name in EXTENSIONS)]
    ours = [Path(__file__).read_text("utf-8"), AUTORUN.read_text("utf-8"), settings.prefix]
    return hashlib.sha256(json.dumps([config, versions, ours]).encode()).hexdigest()


def _extension_version(name):
    package = json.loads((labextension(name) / "package.json").read_text(encoding="utf-8"))
    return f"{name} {package['version']}"


def _compile(settings, config, lite):
    with tempfile.TemporaryDirectory() as work:
        work = Path(work)
        built = work / "built"
        extensions = [str(labextension(name)) for name in EXTENSIONS]
        options = {**BUILD, "federated_extensions": extensions, "output_dir": str(built)}
        for name, value in {
            "jupyter_lite_config.json": {"LiteBuildConfig": options},
            "jupyter-lite.json": config,
            "overrides.json": OVERRIDES,
        }.items():
            (work / name).write_text(json.dumps(value), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "jupyterlite_core", "build"],
            cwd=work,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode:
            raise PartError(f"jupyter lite build failed:\n{done.stdout[-2000:]}")
        _complete(built, settings.prefix)
        shutil.rmtree(lite, ignore_errors=True)
        shutil.move(built, lite)


def _complete(lite, prefix):
    """Add our scripts, and the icon that a browser would else look for at the top of the host."""
    shutil.rmtree(lite / "doc")  # pages that lead to an application that is not built
    app = lite / "notebooks"
    write(app / AUTORUN.name, served.text(AUTORUN, prefix).encode())
    page = app / "index.html"
    html = page.read_text(encoding="utf-8")
    icon = '<link rel="icon" href="./favicon.ico">'
    autorun = f'<script src="./{AUTORUN.name}" defer></script>'
    offline = f'<script src="../../_static/{prefix}/offline.js" data-notebook defer></script>'
    ours = f"{icon}\n{autorun}\n{offline}\n</head>"
    page.write_text(html.replace("</head>", ours, 1), encoding="utf-8")


def _write_contents(notebooks, lite):
    """The notebooks and their listing, in the form of the Jupyter contents API, read-only."""
    shutil.rmtree(lite / "files", ignore_errors=True)
    entries = []
    for notebook in notebooks:
        write(lite / "files" / notebook.name, notebook.read_bytes())
        size = notebook.stat().st_size
        entries.append(_entry(notebook.name, type="notebook", size=size))
    listing = _entry("", type="directory", content=entries, format="json")
    write(lite / "api/contents/all.json", json.dumps(listing, indent=1).encode())


def _entry(name, **more):
    # A fixed date: the same repository gives the same site.
    date = "2025-01-01T00:00:00Z"
    entry = {"name": name, "path": name, "created": date, "last_modified": date}
    empty = {"content": None, "format": None, "mimetype": None, "size": None}
    return entry | empty | {"writable": False} | more
