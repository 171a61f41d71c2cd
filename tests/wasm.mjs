// Runs Python code in Pyodide under Node; see wasm.py.
//
//     node wasm.mjs JOB.json
//
// JOB.json is {runtime, packages, mounts: {path inside: folder outside}, code}; `packages` is null
// for what a page has (worker.mjs). The code's last expression is the exit status.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const job = JSON.parse(readFileSync(process.argv[2]));
const { loadPyodide } = await import(pathToFileURL(join(job.runtime, "pyodide.mjs")));
const env = { HOME: "/home/pyodide", PYTHONDONTWRITEBYTECODE: "1" };
const page = (file) => join(job.runtime, "page", file);
let python;
if (job.packages) {
  python = await loadPyodide({ indexURL: job.runtime, env });
  await python.loadPackage(job.packages, { messageCallback() {} });
} else {
  const { lock } = JSON.parse(readFileSync(page("manifest.json")));
  const more = { stdLibURL: page("python.zip"), lockFileContents: lock };
  python = await loadPyodide({ indexURL: job.runtime, env, ...more });
  python.unpackArchive(new Uint8Array(readFileSync(page("folder.zip"))), "wheel");
  python.registerJsModule("page_worker", { send() {} });
}
for (const [path, root] of Object.entries(job.mounts)) {
  python.FS.mkdirTree(path);
  python.FS.mount(python.FS.filesystems.NODEFS, { root }, path);
}
process.exit(python.runPython(job.code)); // Pyodide keeps Node's event loop alive.
