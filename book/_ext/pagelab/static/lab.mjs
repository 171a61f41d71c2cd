// Labs in the page: ipywidgets drawn between the paragraphs, computed by Python in a worker.
//
//   worker.mjs --- messages ---> Run ---> Manager ---> the widgets of each Lab
//
// One Run is one worker's life and serves all labs of the page; "Try again" starts another.

const SITE = new URL("../../", import.meta.url);
const PATIENCE = 90; // seconds without a word from Python before it is given up
const NO_START =
  "This browser could not start Python: it may be too old, or a file is missing or blocked.";
const NOT_DRAWN = "A part of this lab could not be drawn.";

// ---- Front ends ---------------------------------------------------------------------------------
// The widgets' front ends are AMD bundles. A global `define` would be taken by any other script of
// the page that knows AMD (search, MathJax), so it shows itself to our own scripts alone.

const FRONT_ENDS = ["bqplot", "bqscales", "anywidget"];
const bundles = new Map(); // module name -> { needs, factory, uri }
const modules = new Map(); // module name -> what its factory returned
const arrived = new Set(); // front ends whose script has called define

// Browsers remember that a module failed: after a failure, ask under another address.
let attempts = 0;
const fresh = (file) => (attempts ? `${file}?${attempts}` : file);

const missing = (file, cause) =>
  new Error(`The file ${file} of this site is missing or damaged.`, { cause });

// What the page asks for, so that it runs only with the hash that it should have.
let hashes = {}; // from the manifest
const frontEndAddress = (file) => new URL(`runtime/web/${file}`, SITE).href;
const asked = new Set(); // files that have not arrived
const failed = new Set(); // files that were missing or damaged
let heard = () => {}; // what to do when one has

async function ask(element, file) {
  const address = frontEndAddress(file);
  asked.add(file);
  // Nor shall a damaged copy wait in the browser for the next visit.
  if (failed.has(file)) await fetch(address, { cache: "reload" }).catch(() => {});
  element.integrity = hashes[`web/${file}`];
  element[element.localName === "link" ? "href" : "src"] = fresh(address);
  const came = new Promise((resolve) => {
    element.onload = () => resolve(true);
    element.onerror = () => resolve(false);
  });
  document.head.append(element);
  if (!(await came)) {
    element.remove();
    failed.add(file);
    throw missing(file);
  }
  asked.delete(file);
  failed.delete(file);
  heard();
}

function define(...given) {
  const script = document.currentScript;
  const frontEnd = script?.dataset.frontEnd ?? "anywidget"; // the one that is no plain script
  if (typeof given[0] !== "string") given.unshift(frontEnd); // a bundle of one unnamed module
  const [name, needs, factory] = given;
  bundles.set(name, { needs, factory, uri: script?.src });
  arrived.add(frontEnd);
}
define.amd = {};

// A module has no currentScript, hence the second case, which lasts until anywidget has come.
const isOurs = (script) => (script ? script.dataset.frontEnd : !arrived.has("anywidget"));
let theirs = window.define;
Object.defineProperty(window, "define", {
  get: () => (isOurs(document.currentScript) ? define : theirs),
  set: (value) => (theirs = value),
});

async function fetchFrontEnd(name) {
  const file = `${name}.js`;
  const script = document.createElement("script");
  script.dataset.frontEnd = name;
  // As a plain script, anywidget's bundle would leave some eighty globals behind.
  if (name === "anywidget") script.type = "module";
  await ask(script, file);
  if (!arrived.has(name)) throw missing(file);
}

// ipywidgets' own: one module (frontend/widgets.mjs) and its style.
const fetchStyle = (file) => ask(make("link", "", { rel: "stylesheet" }), file);

async function fetchWidgets() {
  const file = "widgets.js";
  // An import has no place for a hash, but gives what a script with the same address has loaded.
  await ask(make("script", "", { type: "module" }), file);
  const { libraries, Manager } = await import(fresh(frontEndAddress(file))).catch((cause) => {
    throw missing(file, cause);
  });
  for (const [name, library] of Object.entries(libraries)) modules.set(name, library);
  return Manager;
}

async function loadFrontEnds() {
  const others = FRONT_ENDS.filter((name) => !arrived.has(name)).map(fetchFrontEnd);
  const [Manager] = await Promise.all([fetchWidgets(), fetchStyle("widgets.css"), ...others]);
  return Manager;
}

function frontEnd(name) {
  if (!modules.has(name)) {
    const { needs, factory, uri } = bundles.get(name) ?? {};
    if (!factory) throw new Error(`This site does not serve the widget front end “${name}”.`);
    const given = needs.map((need) => (need === "module" ? { uri } : frontEnd(need)));
    modules.set(name, factory(...given));
  }
  return modules.get(name);
}

// ---- One worker's life --------------------------------------------------------------------------

class Run {
  constructor() {
    this.labs = []; // until the page is parsed
    this.callbacks = new Map(); // number of a message -> what to call when Python has handled it
    this.comms = new Map();
    this.waiting = []; // messages for Python
    this.underWay = false; // whether it has one
    this.sent = 0;
    this.silence = 0;
    this.open = ["worker.mjs"]; // what Python still waits for
    asked.clear();
    heard = () => (this.silence = 0);
    try {
      this.start();
    } catch (error) {
      this.fail(NO_START, error);
    }
  }

  start() {
    // The first one has been under way since before this script was asked for (start.js).
    const { worker: early, said = [] } = window.pagelabEarly ?? {};
    delete window.pagelabEarly;
    const address = new URL(fresh("worker.mjs"), import.meta.url);
    this.worker = early ?? new Worker(address, { type: "module" });
    // The browser compiles Python on all its cores, so the scripts wait until it has.
    this.manager = new Promise((compiled) => (this.on_compiled = compiled))
      .then(({ web }) => (hashes = web))
      .then(loadFrontEnds)
      .then((Manager) => this.makeManager(Manager));
    this.manager.catch((error) => this.fail(error.message, error));

    // Strictly one after another: bqplot sends an axis's side in a message after the one that
    // creates it, and a message handled too early is lost without an error.
    let last = Promise.resolve();
    this.worker.onmessage = ({ data }) => {
      this.silence = 0;
      last = last.then(() => !this.over && this[`on_${data.type}`](data));
      last = last.catch((error) => this.fail(NOT_DRAWN, error));
    };
    this.worker.onerror = this.worker.onmessageerror = (event) => {
      event.preventDefault();
      const why = event.message || "no reason given";
      if (this.started) this.fail(`Python stopped unexpectedly (${why}).`);
      else this.whyNot(address).then((sentence) => this.fail(sentence, why));
    };
    said.forEach((event) => this.worker[`on${event.type}`](event));
    // Counted in ticks and not by the clock, which also runs while a laptop sleeps.
    this.watch = setInterval(() => {
      const drawing = this.labs.some(({ state }) => state === "loading");
      if (this.started && !this.callbacks.size && !drawing) this.silence = 0;
      else if (++this.silence > PATIENCE) this.fail(this.whySilent());
    }, 1000);
  }

  // The browser does not say why it could not run the worker's script.
  async whyNot(address) {
    const file = "worker.mjs";
    try {
      const list = await fetch(new URL("runtime/page/manifest.json", SITE), { cache: "no-cache" });
      const integrity = (await list.json()).web[file];
      await fetch(address, { integrity, cache: "reload" }); // nor shall a damaged copy stay
      return NO_START;
    } catch {
      return missing(file).message;
    }
  }

  whySilent() {
    const files = [...this.open, ...asked].join(", ");
    if (files) return `For ${PATIENCE} s nothing has arrived of ${files}.`;
    return `Python has not answered for ${PATIENCE} s.`;
  }

  serve(labs) {
    this.labs = labs;
    const query = location.search; // settings to open at
    labs.forEach((lab, key) => {
      // The book's own script may have something that its reader has kept (README.md).
      const kept = window.pagelabKept?.(lab.name) ?? undefined;
      this.post({ type: "open", lab: lab.name, key, query, kept });
    });
    if (this.count) this.on_fetched(this.count);
    if (this.started) this.on_started();
    if (this.over) labs.forEach((lab) => lab.fail(this.over));
  }

  makeManager(Manager) {
    const load = async (name) => {
      try {
        return frontEnd(name);
      } catch (error) {
        this.fail(error.message, error); // the manager would only draw a broken widget
        throw error;
      }
    };
    return new Manager({ load, typeset });
  }

  post(message, done, transfer = []) {
    const id = ++this.sent;
    this.callbacks.set(id, done);
    if (!this.over) this.worker.postMessage({ ...message, id }, transfer);
    return String(id);
  }

  // One message is under way at a time. While Python is busy, what a moving slider sends is merged
  // with what it sent before; nothing ever passes another message.
  queue(message) {
    const last = this.waiting.at(-1);
    const mergeable = ({ comm_id, data, buffers }) =>
      comm_id === message.comm_id && data.method === "update" && !buffers.length;
    if (last && mergeable(last) && mergeable(message)) {
      Object.assign(last.data.state, message.data.state);
    } else {
      this.waiting.push(message);
    }
    this.pump();
  }

  pump() {
    if (this.underWay || !this.waiting.length) return;
    this.underWay = true;
    const { comm_id, data, buffers } = this.waiting.shift();
    const handled = () => {
      this.underWay = false;
      this.pump();
    };
    const text = JSON.stringify({ comm_id, data });
    this.post({ type: "comm", text, buffers }, handled, buffers.map(({ buffer }) => buffer));
  }

  // Granted when the worker is no more, however it ended.
  on_alive({ life }) {
    const end = () => this.fail("Python stopped unexpectedly.");
    navigator.locks?.request(life, end).catch(() => {});
  }

  on_fetched(count) {
    const { fetched, total, open } = (this.count = count);
    this.open = open;
    if (this.started) return; // a late count
    if (fetched >= total) this.labs.forEach((lab) => lab.progress("Starting Python"));
    else this.labs.forEach((lab) => lab.progress("Fetching Python", fetched, total));
  }

  on_started() {
    this.started = true;
    this.labs.forEach((lab) => lab.progress("Starting Python"));
  }

  on_failed({ sentence, detail, crashed }) {
    // WebKit's WebAssembly stumbles now and then where it did not before. While there is nothing
    // to lose, the reader need not know.
    if (crashed && !attempts && this.labs.every(({ state }) => state === "loading")) {
      console.warn(sentence, detail);
      tryAgain();
    } else this.fail(sentence, detail);
  }

  on_idle({ id }) {
    const done = this.callbacks.get(id);
    this.callbacks.delete(id);
    done?.();
  }

  on_python({ text, buffers }) {
    const message = JSON.parse(text);
    message.buffers = buffers.map(({ buffer }) => new DataView(buffer));
    return this[`on_${message.kind}`](message);
  }

  async on_comm_open(message) {
    const { comm_id } = message.content;
    const send = (data, callbacks, _metadata, buffers = []) => {
      // Copies: the widget keeps its own, and what is transferred is gone here.
      this.queue({ comm_id, data: structuredClone(data), buffers: buffers.map(copyBytes) });
      // ipywidgets holds a widget's changes back until it hears this. A click would overtake them,
      // and an answer would be submitted without its last letter: so holding back is done below,
      // for all widgets in one line.
      const idle = { content: { execution_state: "idle" } };
      queueMicrotask(() => callbacks?.iopub?.status?.(idle)); // it counts what it sent after this
      return comm_id;
    };
    const comm = { comm_id, send, close() {} };
    comm.on_msg = (receive) => (comm.receive = receive);
    comm.on_close = (closed) => (comm.closed = closed);
    this.comms.set(comm_id, comm);
    await (await this.manager).handle_comm_open(comm, message);
  }

  on_comm_msg(message) {
    return this.comms.get(message.content.comm_id)?.receive?.(message);
  }

  on_comm_close(message) {
    const { comm_id } = message.content;
    this.comms.get(comm_id)?.closed?.(message);
    this.comms.delete(comm_id);
  }

  on_opened({ key, model_id }) {
    // Not awaited: what the views wait for may come in a later message.
    this.draw(this.labs[key], model_id).catch((error) => this.fail(NOT_DRAWN, error));
  }

  async draw(lab, model_id) {
    lab.progress("Drawing the lab");
    const manager = await this.manager;
    const view = await manager.create_view(await manager.get_model(model_id));
    if (this.over) return;
    await manager.display_view(view, lab.stage());
    await drawn(view);
    if (lab.widgets.querySelector(".jupyter-widgets-error-widget")) throw new Error("see above");
    if (!this.over) lab.reveal();
  }

  on_unopened({ key, error, detail }) {
    console.error(detail);
    this.labs[key].fail(`This lab could not be opened (${error}).`);
  }

  async on_exception({ comm_id, error, detail }) {
    console.error(detail);
    const manager = await this.manager;
    const model = comm_id && manager.has_model(comm_id) && (await manager.get_model(comm_id));
    const views = await Promise.all(Object.values((model && model.views) || {}));
    const lab = this.labs.find(({ root }) => views.some((view) => root.contains(view.el)));
    (lab ?? this.labs[0]).warn(`That step did not work (${error}); you can go on.`);
  }

  fail(sentence, detail) {
    if (this.over) return; // what follows the first failure only follows from it
    this.stop(sentence);
    console.error(sentence, detail ?? "");
    this.labs.forEach((lab) => lab.fail(sentence));
  }

  stop(reason) {
    this.over = reason;
    clearInterval(this.watch);
    this.worker?.terminate();
  }
}

function copyBytes(view) {
  const { buffer = view, byteOffset = 0, byteLength } = view; // an ArrayBuffer has the last alone
  return new Uint8Array(buffer, byteOffset, byteLength).slice();
}

// MathJax asks for one typesetting after another.
let typesetting = Promise.resolve();
function typeset(element) {
  if (!/\\\(|\\\[|\$/.test(element.textContent) || !window.MathJax?.typesetPromise) return;
  typesetting = typesetting.then(() => MathJax.typesetPromise([element])).catch(console.error);
}

// ---- One lab's place in the page ----------------------------------------------------------------

function make(tag, className, attributes = {}, ...children) {
  const element = document.createElement(tag);
  element.className = className;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

class Lab {
  constructor(root) {
    this.root = root;
    this.name = root.dataset.lab;
    this.poster = root.querySelector(".pagelab-poster");
    this.frame = root.querySelector(".pagelab-frame");
    // The phase is announced by role=status; the count beside it and the bar are only to be seen.
    this.phase = make("span", "pagelab-phase");
    this.count = make("span", "pagelab-count", { "aria-hidden": "true" });
    this.status = root.querySelector(".pagelab-progress");
    this.status.replaceChildren(this.phase, this.count);
    this.bar = make("progress", "pagelab-bar", { "aria-label": "Loading the lab" });
    this.status.after(this.bar);
    this.message = make("p", "pagelab-message", { role: "alert" });
    this.retry = make("button", "pagelab-retry", { type: "button" }, "Try again");
    this.retry.onclick = tryAgain;
    this.frame.after(this.message);
    this.reset();
  }

  get state() {
    return this.root.dataset.state;
  }

  set state(state) {
    this.root.dataset.state = state;
  }

  reset() {
    this.widgets?.remove();
    if (this.poster) this.message.after(this.poster);
    this.warn("");
    this.progress("Fetching Python");
    this.state = "loading";
  }

  progress(phase, done, total) {
    if (this.phase.textContent !== phase) this.phase.textContent = phase;
    const known = Number.isFinite(total);
    const megabytes = (bytes) => Math.round(bytes / 1e6);
    this.count.textContent = known ? `: ${megabytes(done)} of ${megabytes(total)} MB` : " …";
    if (known) Object.assign(this.bar, { max: total, value: done });
    else this.bar.removeAttribute("value");
  }

  // Laid out in full width but unseen (page.css), until revealed in the poster's place.
  stage() {
    this.widgets = make("div", "pagelab-widgets tex2jax_process mathjax_process");
    for (const action of ["pointerdown", "keydown"]) {
      this.widgets.addEventListener(action, () => this.state === "ready" && this.warn(""));
    }
    this.root.append(this.widgets);
    return this.widgets;
  }

  reveal() {
    this.poster?.remove();
    this.phase.textContent = "The lab is ready";
    this.count.textContent = "";
    this.state = "ready";
  }

  warn(sentence) {
    this.message.replaceChildren(sentence);
  }

  fail(sentence) {
    this.message.replaceChildren(sentence, " ", this.retry);
    this.state = "failed"; // text and poster stay; so do widgets, with what was typed into them
  }
}

// A view is drawn when its children are; bqplot's figures say so themselves, some time later.
async function drawn(view) {
  const children = view.children_views ? await Promise.all(view.children_views.views) : [];
  await Promise.all(children.map(drawn));
  for (let tries = 0; view.rendered === false; tries += 1) {
    if (tries === 500) throw new Error("a figure was not drawn");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

// "Link to these settings" hands the address over instead of going there.
document.addEventListener("click", async (event) => {
  const link = event.target.closest(".pagelab-link a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const said = link.parentElement.querySelector("[role=status]");
  const copied = await navigator.clipboard?.writeText(link.href).then(() => true, () => false);
  said.textContent = `${copied ? "Copied:" : "Copy this:"} ${link.href}`;
});

// ---- Start --------------------------------------------------------------------------------------
// The worker starts while the page is still being parsed, if the script is loaded as `async`.

let run;

async function begin() {
  if (document.readyState === "loading") {
    // Not DOMContentLoaded, which waits for the theme's scripts.
    await new Promise((parsed) => document.addEventListener("readystatechange", parsed));
  }
  const labs = [...document.querySelectorAll(".pagelab-lab")].map((root) => new Lab(root));
  if (labs.length) run.serve(labs);
  else run.stop("no lab on this page");
}

function tryAgain() {
  const { labs } = run;
  run.stop("another attempt");
  attempts += 1;
  labs.forEach((lab) => lab.reset());
  run = new Run();
  run.serve(labs);
}

// Else the page has said what this browser lacks (old.js).
if (!window.pagelabUnfit) {
  run = new Run();
  begin();
}
