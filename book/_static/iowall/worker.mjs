// The Python of one page. A module worker: it loads Pyodide, opens labs, and hands widget messages
// to iowall_page.py and back. The page script (lab.mjs) owns everything the reader sees.

const RUNTIME = new URL("../../runtime/", import.meta.url).href;
const say = (type, more = {}, transfer = []) => postMessage({ type, ...more }, transfer);

// An error whose message is the sentence the reader gets; all others are wrapped in one.
class Trouble extends Error {}

// Pyodide logs some failures and then waits for ever, or goes on without a package. So whoever sees
// a failure first rejects this promise, against which the start races.
let giveUp;
const broken = new Promise((_, reject) => (giveUp = reject));
broken.catch(() => {}); // reported by start()

function lost(file, why) {
  const trouble = new Trouble(`The file ${file} of this site ${why}.`);
  giveUp(trouble);
  return trouble;
}

let fetched = 0;
let total = Infinity;
function count(bytes) {
  fetched += bytes;
  say("fetched", { fetched, total });
}

// Pyodide fetches for itself. The bytes are counted on a clone, so that the response it compiles
// from is the browser's own: WebAssembly still streams, and integrity is still checked.
const nativeFetch = self.fetch;
const early = new Map(); // address -> answer to what was asked for before Pyodide asks
self.fetch = async (request, options) => {
  const address = String(request.url ?? request);
  const file = address.split("/").pop();
  if (early.has(address)) {
    const answer = early.get(address);
    early.delete(address);
    return answer;
  }
  // The JSON files name the others: an outdated one would ask for files that are gone. And on a
  // second attempt (see lab.mjs) no copy that the browser has kept is trusted.
  const cache = location.search || file.endsWith(".json") ? "no-cache" : "default";
  const response = await nativeFetch(request, { cache, ...options }).catch(() => {
    throw lost(file, "is missing or damaged, or the connection failed");
  });
  const { ok, status } = response;
  if (!ok) throw lost(file, `could not be fetched (the server answered ${status})`);
  countBody(response.clone().body.getReader()).catch(() => {}); // the original reports the error
  return response;
};

async function countBody(reader) {
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    count(part.value.length);
  }
}

const nativeInstantiate = WebAssembly.instantiateStreaming;
WebAssembly.instantiateStreaming = (...given) => {
  const instance = nativeInstantiate(...given);
  instance.then(() => say("compiled"), giveUp);
  return instance;
};

async function start() {
  const bring = (file) =>
    import(RUNTIME + file).catch((error) => {
      throw lost(file, error instanceof SyntaxError ? "is damaged" : "is missing, or was blocked");
    });
  // Pyodide asks for these once its own scripts have been read, which takes a while.
  const ask = (file, options) => {
    const answer = self.fetch(RUNTIME + file, options);
    answer.catch(() => {}); // reported by lost()
    early.set(RUNTIME + file, answer);
  };
  // Python itself first, for its compilation takes longest.
  ask("pyodide.asm.wasm");
  // Imports pass by fetch. Asking for the second now saves waiting for the first to ask for it.
  const scripts = ["pyodide.mjs", "pyodide.asm.mjs"];
  const modules = scripts.map(bring);
  const { files, lock } = await (await fetch(`${RUNTIME}page/manifest.json`)).json();
  for (const file of ["page/python.zip", "page/folder.zip"]) {
    ask(file, { integrity: files[file].integrity });
  }
  total = Object.values(files).reduce((sum, { bytes }) => sum + bytes, 0);
  scripts.forEach((file, i) => modules[i].then(() => count(files[file].bytes), () => {}));

  const [{ loadPyodide }] = await Promise.all(modules);
  const python = await Promise.race([
    loadPyodide({
      indexURL: RUNTIME,
      stdLibURL: `${RUNTIME}page/python.zip`,
      lockFileContents: lock,
      stdout: console.debug,
    }),
    broken,
  ]);
  const folder = await fetch(`${RUNTIME}page/folder.zip`);
  python.unpackArchive(await folder.arrayBuffer(), "wheel"); // to where packages are installed
  say("started");
  python.registerJsModule("iowall_worker", {
    send: (text, buffers) =>
      say("python", { text, buffers }, buffers.map((buffer) => buffer.buffer)),
  });
  return python.pyimport("iowall_page");
}

// Exceptions of a lab are Python's business (iowall_page.py); what arrives here is the end.
function end(error, what = "Python stopped unexpectedly") {
  const reason = error?.message ?? String(error);
  let sentence = `${what} (${reason.trim().split("\n").pop().slice(0, 200)}).`;
  if (/memory/i.test(reason)) {
    sentence = "The browser has no memory left for Python: close other tabs.";
  }
  if (error instanceof Trouble) sentence = reason;
  say("failed", { sentence, detail: error?.stack ?? reason });
}

const python = start();
python.catch((error) => {
  end(error, "Python could not be started: a file may be damaged, or the browser too old");
});

// Awaiting one and the same promise keeps the messages in order.
self.onmessage = async ({ data }) => {
  const page = await python.catch(() => null);
  try {
    if (data.type === "open") page?.open_lab(data.lab, data.key, data.query);
    else page?.receive(data.text, data.buffers);
    // Answered only now: until then the page holds back and merges what a moving slider sends.
    say("idle", { id: data.id });
  } catch (error) {
    end(error);
  }
};
