"""The rivals, from the files that their publishers give: nothing compiled, nothing left out.

Pyodide, and JupyterLite with a plain notebook of the same plot. `jupyter lite build` runs with its
defaults but for two things: Pyodide and the wheels lie in the site, so that the measurement needs
no other host, and the notebook runs when it opens, by the same script as ours.
"""

import json
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from tests.browser import site

sys.path.insert(0, str(site.ROOT / "book" / "_ext"))
from pagelab import lite, npm, parts, runtime, served  # noqa: E402

from tests.pagelab_settings import SETTINGS  # noqa: E402

MORE = Path(__file__).with_name("stock.toml")
NUMPY = """<!doctype html><title>stock</title><link rel="icon" href="data:,">
<script type="module">
import { loadPyodide } from "./pyodide.mjs";
const python = await loadPyodide({ packageBaseUrl: new URL("./", location).href });
await python.loadPackage("numpy", { messageCallback() {} });
python.runPython("import numpy");
document.body.append(Object.assign(document.createElement("p"), { id: "ready" }));
</script><body></body>"""

NOTEBOOK = "throughput.ipynb"
CELLS = [
    """%pip install -q ipywidgets bqplot""",
    """import bqplot
import ipywidgets
import numpy as np

size = np.geomspace(512, 1e9, 60)
devices = np.array([[8e-3, 250e6], [1e-4, 560e6], [5e-5, 14e9]])  # latency, bandwidth


def throughput(workers):
    return np.array([np.minimum(workers * size / (wait + size / most), most)
                     for wait, most in devices])


x, y = bqplot.LogScale(), bqplot.LogScale()
lines = bqplot.Lines(x=size, y=throughput(1), scales={"x": x, "y": y})
axes = [bqplot.Axis(scale=x, label="request size"),
        bqplot.Axis(scale=y, label="throughput", orientation="vertical")]
figure = bqplot.Figure(marks=[lines], axes=axes)
workers = ipywidgets.IntSlider(value=1, min=1, max=64, description="Workers")


def moved(change):
    lines.y = throughput(change.new)


workers.observe(moved, "value")
ipywidgets.VBox([workers, figure])""",
]
# What Pyodide's own distribution has, and IPython with all that it names.
LOCKED = """
numpy pandas python-dateutil pytz six micropip packaging
ipython ipython-pygments-lexers jedi parso matplotlib-inline pygments stack-data executing asttokens
pure-eval decorator prompt-toolkit wcwidth traitlets
""".split()
INDEXED = "comm ipywidgets jupyterlab-widgets bqplot bqscales traittypes".split()


def lay_numpy(folder):
    """Pyodide and a page that imports NumPy: the floor of any Python lab; its address there."""
    _lay_pyodide(folder, ["numpy"])
    (folder / "index.html").write_text(NUMPY)
    return "index.html"


def lay_notebook(folder):
    """JupyterLite with the notebook; its address there."""
    with tempfile.TemporaryDirectory() as work:
        _build_lite(folder, Path(work))
    return f"notebooks/index.html?path={NOTEBOOK}"


def _build_lite(folder, work):
    files = _lay_pyodide(work / "static" / "pyodide", LOCKED, INDEXED)
    (work / "pypi").mkdir()
    for file, data in files.items():
        (work / "pypi" / file).write_bytes(data)
    settings = {
        "exposeAppInBrowser": True,  # for autorun.js
        "contentsAllJsonFile": "all.json",  # as the build would say if it had made the listing
    }
    config = {"jupyter-lite-schema-version": 0, "jupyter-config-data": settings}
    (work / "jupyter-lite.json").write_text(json.dumps(config))
    command = [sys.executable, "-m", "jupyterlite_core", "build", "--output-dir", str(folder)]
    done = subprocess.run(command, cwd=work, capture_output=True, text=True)
    if done.returncode:
        raise parts.PartError(f"jupyter lite build failed: {done.stderr[-300:]}")
    (work / NOTEBOOK).write_text(json.dumps(_notebook()))
    lite._write_contents([work / NOTEBOOK], folder)
    script = served.text(lite.AUTORUN, SETTINGS.prefix)
    page = folder / "notebooks" / "index.html"
    html = page.read_text(encoding="utf-8")
    page.write_text(html.replace("</head>", f"<script>{script}</script></head>", 1))


def _notebook():
    kernel = {"name": "python", "display_name": "Python (Pyodide)", "language": "python"}
    code = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    cells = [code | {"id": f"cell{i}", "source": text} for i, text in enumerate(CELLS)]
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def _lay_pyodide(folder, locked, more=()):
    """Pyodide with some of the packages in its lock; the wheels of some more, {file: bytes}."""
    cache = parts.cache_folder(SETTINGS.cache)
    names = [*runtime.PYODIDE_FILES, runtime.STDLIB, runtime.LOCK]
    files = npm.members(npm.installed(cache), "pyodide", *names)
    lock = json.loads(files[runtime.LOCK])
    every = parts.wheels(lock)
    for name, entry in tomllib.loads(MORE.read_text(encoding="utf-8"))["wheel"].items():
        every[name] = parts.Part(name=name, **entry)
    policy = tomllib.loads((runtime.HERE / "runtime.toml").read_text(encoding="utf-8"))
    wanted = [every[name] for name in (*locked, *more)]
    paths = parts.fetch(wanted, cache, builds=policy["builds"])
    wheels = {name: path.read_bytes() for name, path in paths.items()}
    file = {one: runtime.wheel_name(one, every[one].version, data) for one, data in wheels.items()}
    published, lock["packages"] = lock["packages"], {}
    for name in locked:
        files[file[name]] = wheels[name]
        entry = published.get(name) or {
            "name": name,
            "install_dir": "site",
            "package_type": "package",
            "imports": runtime._top_level(wheels[name]),
            "unvendored_tests": False,
        }
        asked = {one for one in policy["wheel"].get(name, {}).get("depends", []) if one in locked}
        lock["packages"][name] = entry | {
            "version": every[name].version,
            "file_name": file[name],
            "sha256": every[name].sha256,
            "depends": sorted({*entry.get("depends", []), *asked}),
        }
    files[runtime.LOCK] = json.dumps(lock).encode()
    folder.mkdir(parents=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return {file[name]: wheels[name] for name in more}
