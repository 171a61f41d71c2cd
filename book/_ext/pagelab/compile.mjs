// Byte-compiles Python folders with the very CPython that the browser will run: Pyodide.
//
//     node compile.mjs PYODIDE_FOLDER JOBS.json
//
// JOBS.json lists {folder, prefix, legacy}. `prefix` is where the browser will find the files;
// `legacy` puts a.pyc beside a.py (the one place where Python looks if a.py is gone), else the
// usual __pycache__. The .pyc are "unchecked": the browser neither stats nor hashes the source.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [pyodideFolder, jobsFile] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(join(pyodideFolder, "pyodide.mjs")));

// Without column positions compiled files are a fifth smaller; tracebacks keep their lines.
const env = { HOME: "/home/pyodide", PYTHONNODEBUGRANGES: "1" };
const python = await loadPyodide({ indexURL: pyodideFolder, env });

python.runPython(`
import compileall, py_compile

def compile_folder(folder, prefix, legacy):
    # A file that does not compile (a template, a test of bad syntax) stays as it is.
    compileall.compile_dir(
        folder, stripdir=folder, prependdir=prefix, legacy=legacy, force=True, quiet=2,
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
`);
const compileFolder = python.globals.get("compile_folder");

for (const [number, { folder, prefix, legacy }] of JSON.parse(readFileSync(jobsFile)).entries()) {
  const mounted = `/job/${number}`;
  python.FS.mkdirTree(mounted);
  python.FS.mount(python.FS.filesystems.NODEFS, { root: folder }, mounted);
  compileFolder(mounted, prefix, legacy);
}
process.exit(0); // Pyodide keeps Node's event loop alive.
