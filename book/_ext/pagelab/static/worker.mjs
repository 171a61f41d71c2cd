// The Python of one page. A module worker: it loads Pyodide, opens labs, and hands widget messages
// to page_bridge.py and back. The page script (lab.mjs) owns everything the reader sees.

const RUNTIME = new URL("../../runtime/", import.meta.url).href;
const say = (type, more = {}, transfer = []) => postMessage({ type, ...more }, transfer);

// A lock that lasts as long as this worker does: the page waits for it, and so learns of the end of
// a worker that had no time to say anything.
const life = `pagelab worker ${performance.timeOrigin} ${Math.random()}`;
const hold = () => new Promise(() => say("alive", { life }));
self.navigator.locks?.request(life, hold).catch(() => {}); // where locks are refused: silence tells

// An error whose message is the sentence the reader gets; all others are wrapped in one.
class Trouble extends Error {}

// Pyodide logs some failures and then waits for ever, or goes on without a package. So whoever sees
// a failure first rejects this promise, against which the start races.
let giveUp;
const broken = new Promise((_, reject) => (giveUp = reject));
broken.catch(() => {}); // reported by start()
self.onunhandledrejection = ({ reason }) => giveUp(reason);

function lost(file, why) {
  const trouble = new Trouble(`The file ${file} of this site ${why}.`);
  giveUp(trouble);
  return trouble;
}

// ---- Files --------------------------------------------------------------------------------------
// Each is used only if it has the SHA-256 that the manifest gives it.

const arrived = new Map(); // file -> how many bytes of it
const open = new Set(); // files that are on their way
let total = Infinity;
function count(file, bytes) {
  arrived.set(file, bytes);
  const fetched = [...arrived.values()].reduce((sum, one) => sum + one, 0);
  say("fetched", { fetched, total, open: [...open] });
}

async function read(file, response) {
  const parts = [];
  const reader = response.body.getReader();
  let bytes = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    parts.push(part.value);
    count(file, (bytes += part.value.length));
  }
  open.delete(file);
  count(file, bytes);
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

async function hash(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return `sha256-${btoa(String.fromCharCode(...digest))}`;
}

// A page that comes over plain http from elsewhere may not ask for hashes.
const hashed = Boolean(globalThis.crypto?.subtle);

async function check(file, bytes) {
  const expected = (await manifest).files[file];
  if (bytes.length !== expected.bytes) throw new Damage();
  if (hashed && (await hash(bytes)) !== expected.integrity) throw new Damage();
  return bytes;
}

class Damage extends Error {}

// `use` makes of an answer what is wanted. What fails is asked for once more, past the copy that
// the browser may have kept, so that no damaged one stays.
async function bring(file, use) {
  let why;
  // The JSON files name the others: an outdated one would ask for files that are gone.
  for (const cache of [file.endsWith(".json") ? "no-cache" : "default", "reload"]) {
    open.add(file);
    count(file, 0);
    try {
      const response = await nativeFetch(RUNTIME + file, { cache });
      if (response.ok) return await use(response, cache);
      why = `could not be fetched (the server answered ${response.status})`;
    } catch (error) {
      if (error instanceof Damage) why = "is damaged";
      else if (error instanceof TypeError) why = "did not arrive whole: the connection failed";
      else throw error;
    }
  }
  throw lost(file, why);
}

async function readManifest(response) {
  const bytes = await read("page/manifest.json", response);
  let all;
  try {
    all = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new Damage();
  }
  const { check: expected, ...rest } = all;
  const text = new TextEncoder().encode(JSON.stringify(rest));
  if (hashed && (await hash(text)) !== expected) throw new Damage();
  total = Object.values(rest.files).reduce((sum, one) => sum + one.bytes, bytes.length);
  return rest;
}

const load = (file) => bring(file, async (response) => check(file, await read(file, response)));

async function script(file) {
  const blob = new Blob([await load(file)], { type: "text/javascript" });
  const address = URL.createObjectURL(blob);
  return import(address).finally(() => URL.revokeObjectURL(address));
}

// Compiled from the browser's own answer while it arrives; read a second time for its hash.
async function compile(file) {
  return bring(file, async (response, cache) => {
    const bytes = read(file, response.clone());
    const module =
      cache === "reload" ? bytes.then(WebAssembly.compile) : WebAssembly.compileStreaming(response);
    module.catch(() => {});
    await check(file, await bytes);
    return module;
  });
}

// ---- Start --------------------------------------------------------------------------------------

const nativeFetch = self.fetch;
// Python itself first, for its compilation takes longest.
const compiled = compile("pyodide.asm.wasm");
const scripts = ["pyodide.mjs", "pyodide.asm.mjs"].map(script);
const manifest = bring("page/manifest.json", readManifest);
const archives = ["page/python.zip", "page/folder.zip"].map((file) =>
  manifest.then(() => load(file)),
);
compiled.then(async () => say("compiled", { web: (await manifest).web })).catch(giveUp);
[...scripts, ...archives, manifest].forEach((one) => one.catch(giveUp));

// Pyodide fetches for itself, but is given what is there.
self.fetch = async (request, options) => {
  const address = String(request.url ?? request);
  if (address.endsWith("/python.zip")) return new Response(await archives[0]);
  if (address.endsWith(".wasm")) return new Response(); // see below
  return nativeFetch(request, options);
};
WebAssembly.instantiateStreaming = async (_, imports) => {
  try {
    const module = await compiled;
    return { module, instance: await WebAssembly.instantiate(module, imports) };
  } catch (error) {
    giveUp(error);
    throw error;
  }
};

async function start() {
  const [{ loadPyodide }, { default: createPyodideModule }] = await Promise.all(scripts);
  const { lock, opens } = await manifest;
  const python = await loadPyodide({
    createPyodideModule,
    indexURL: RUNTIME,
    stdLibURL: `${RUNTIME}page/python.zip`,
    lockFileContents: lock,
    stdout: console.debug,
  });
  python.unpackArchive(await archives[1], "wheel"); // to where packages are installed
  say("started");
  python.registerJsModule("page_worker", {
    opens, // the function that opens a lab, as "module:function"
    send: (text, buffers) =>
      say("python", { text, buffers }, buffers.map((buffer) => buffer.buffer)),
  });
  return python.pyimport("page_bridge");
}

// How the browser, Pyodide's own code and Python say it; "memory access out of bounds" is not it.
const NO_MEMORY =
  /MemoryError|\boom\b|out of memory|allocation failed|(alloc|grow|enlarge).*memory|memory.*grow/i;

// Pyodide's own code does not always notice that it was given none, and stumbles some time later.
const { grow } = WebAssembly.Memory.prototype;
let full = false;
WebAssembly.Memory.prototype.grow = function (pages) {
  try {
    return grow.call(this, pages);
  } catch (error) {
    full = true;
    throw error;
  }
};

// Exceptions of a lab are Python's business (page_bridge.py); what arrives here is the end.
function end(error, what = "Python stopped unexpectedly") {
  const reason = error?.message ?? String(error);
  const last = reason.trim().split("\n").pop().replace("pyodide.ffi.JsException: ", "");
  let sentence = `${what} (${last.slice(0, 200)}).`;
  if (full || NO_MEMORY.test(reason)) {
    sentence = "The browser has no memory left for Python: close other tabs.";
  }
  if (error instanceof Trouble) sentence = reason;
  const crashed = error instanceof WebAssembly.RuntimeError && !full;
  say("failed", { sentence, detail: error?.stack ?? reason, crashed });
}

const python = Promise.race([start(), broken]);
python.catch((error) => {
  end(error, "Python could not be started: a file may be damaged, or the browser too old");
});

// Awaiting one and the same promise keeps the messages in order.
self.onmessage = async ({ data }) => {
  const page = await python.catch(() => null);
  try {
    if (data.type === "open") page?.open_lab(data.lab, data.key, data.query, data.kept);
    else page?.receive(data.text, data.buffers);
    // Answered only now: until then the page holds back and merges what a moving slider sends.
    say("idle", { id: data.id });
  } catch (error) {
    end(error);
  }
};
