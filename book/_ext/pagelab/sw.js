// The service worker: the book without the network, in whole versions only.
//
//   offline.json  the files of the version that the server has, each as path: [hash, bytes]
//   a version     is named by the hash of that list
//   a page        belongs to the version in which it was opened, and so do its workers
//
// A file is kept under its hash, and none is kept or used that has another: whatever a server, a
// proxy or the browser's own cache gives, two versions cannot mix. The worker knows no version, so
// a new one needs no new worker: it is seen at the next visit, and open pages stay what they are.
// offline.js, in the page, says when to keep and tells the reader.

const SCOPE = self.registration.scope;
const KEPT = `${SCOPE}.kept/`; // addresses that no server has
const PATIENCE = 3000; // milliseconds in which the server is to say which version it has
const AT_ONCE = { files: 16, bytes: 2e6 }; // between two words to the page

// All sites of one host share its caches, so the name has the folder.
const store = () => caches.open(`pagelab ${new URL(SCOPE).pathname}`);
const recall = async (key) => (await (await store()).match(KEPT + key))?.json();
const remember = async (key, value) =>
  (await store()).put(KEPT + key, new Response(JSON.stringify(value)));
const ignore = () => {}; // no room: what is not kept works all the same

async function digest(bytes) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(hash.slice(0, 16), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// ---- Versions -----------------------------------------------------------------------------------

const lists = new Map(); // version -> { book, notebook, rest }

async function list(version) {
  if (!lists.has(version)) lists.set(version, (await recall(`list/${version}`)) ?? {});
  return lists.get(version);
}

async function entry(version, path) {
  const { book, notebook, rest } = await list(version);
  return book?.[path] ?? notebook?.[path] ?? rest?.[path];
}

async function newest(patience) {
  const signal = AbortSignal.timeout(patience);
  const answer = await fetch(`${SCOPE}offline.json`, { cache: "no-cache", signal });
  if (!answer.ok) throw new TypeError("no list");
  const bytes = await answer.arrayBuffer();
  const version = await digest(bytes);
  const files = JSON.parse(new TextDecoder().decode(bytes)); // no list, if a hotel's login answered
  lists.set(version, files);
  if (!(await recall(`list/${version}`))) await remember(`list/${version}`, files).catch(ignore);
  return version;
}

// ---- Files --------------------------------------------------------------------------------------

// The path too: a file with the same content elsewhere refers to other neighbours.
const address = (path, hash) => `${KEPT}file/${hash}/${encodeURI(path)}`;

async function file(version, path) {
  const [hash] = await entry(version, path);
  const kept = await (await store()).match(address(path, hash));
  if (kept) return kept;
  const { answer, keeping } = await bring(version, path);
  keeping.catch(ignore);
  return answer;
}

async function bring(version, path) {
  const [hash] = await entry(version, path);
  for (const cache of ["default", "reload"]) {
    const answer = await fetch(SCOPE + encodeURI(path), { cache });
    if (!answer.ok || (await digest(await answer.clone().arrayBuffer())) !== hash) continue;
    const copy = answer.clone();
    return { answer, keeping: store().then((all) => all.put(address(path, hash), copy)) };
  }
  // The server does not have the version of which it has the list.
  await remember("failed", version).catch(ignore);
  throw new TypeError(`${path} is missing or of another version`);
}

// ---- Pages --------------------------------------------------------------------------------------

const pages = new Map(); // client -> version, of pages and their workers
const opened = new Set(); // clients of this worker's own life, a minute or so: no clock is needed

async function belong(client, version) {
  pages.set(client, version);
  opened.add(client);
  await remember(`client/${client}`, { version }).catch(ignore);
}

async function versionOf(client) {
  if (!pages.has(client)) pages.set(client, (await recall(`client/${client}`))?.version);
  return pages.get(client);
}

async function open(event, path) {
  const complete = await recall("complete");
  let version = await newest(PATIENCE).catch(() => complete);
  if (version === (await recall("failed"))) version = complete;
  for (const one of new Set([version, complete])) {
    if (!one || !(await entry(one, path))) break; // no page of that version
    const answer = await file(one, path).catch(() => null);
    if (!answer) continue;
    await belong(event.resultingClientId, one);
    // A page's address is the one that was asked for, with its query.
    const headers = { "content-type": answer.headers.get("content-type") };
    return new Response(answer.body, { headers });
  }
  return fetch(event.request).catch(() => {
    const sentence = "There is no network, and this page is not kept on this device.";
    const page = `<!doctype html><link rel="icon" href="data:,"><title>Offline</title>${sentence}`;
    return new Response(page, { status: 503, headers: { "content-type": "text/html" } });
  });
}

async function get(event, path) {
  const version = event.clientId && (await versionOf(event.clientId));
  if (version && (await entry(version, path))) {
    if (event.resultingClientId) await belong(event.resultingClientId, version);
    return file(version, path);
  }
  // A page that was there before this worker, or a file that is on no list.
  return fetch(event.request).catch(async (error) => {
    const complete = !version && (await recall("complete"));
    if (complete && (await entry(complete, path))) return file(complete, path);
    throw error;
  });
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || !(origin + pathname).startsWith(SCOPE)) return;
  const name = decodeURI((origin + pathname).slice(SCOPE.length));
  const path = name.replace(/(^|\/)$/, "$1index.html");
  const answer = request.mode === "navigate" ? open(event, path) : get(event, path);
  const without = (error) => (error.name === "TypeError" ? Response.error() : fetch(request));
  event.respondWith(answer.catch(without)); // fetch, if the browser gives no store
});

// ---- Keeping ------------------------------------------------------------------------------------

// One step, so that no event lasts long; the page asks for the next with the version it was told.
async function keep({ version, notebook }, client) {
  if (notebook) await remember("notebook", true);
  const first = !version;
  if (first) {
    version = client && (await versionOf(client.id));
    // The page may have been given an older version because the newest failed.
    if (!version || (await recall("failed"))) {
      version = await newest(60_000).catch(async (error) => {
        if (await recall("complete")) return recall("complete"); // no network
        throw error;
      });
    }
  }
  const { book, notebook: more } = await list(version);
  const wanted = Object.entries((await recall("notebook")) ? { ...book, ...more } : book);
  const all = await store();
  const there = new Set((await all.keys()).map(({ url }) => url));
  const missing = wanted.filter(([path, [hash]]) => !there.has(address(path, hash)));
  const bytes = (files) => files.reduce((sum, [, [, size]]) => sum + size, 0);
  const total = bytes(wanted);
  if (first && missing.length) {
    // Not every WebKit can tell.
    const { quota = Infinity, usage = 0 } = (await navigator.storage?.estimate?.()) ?? {};
    if (quota - usage < bytes(missing)) return { error: "QuotaExceededError" };
  }

  const some = missing.slice(0, AT_ONCE.files);
  while (some.length > 1 && bytes(some) > AT_ONCE.bytes) some.pop();
  await Promise.all(some.map(async ([path]) => (await bring(version, path)).keeping));
  const left = missing.slice(some.length);
  if (!left.length) await finish(version);
  return { version, total, done: total - bytes(left), finished: !left.length };
}

async function finish(version) {
  await remember("complete", version);
  const all = await store();
  if ((await recall("failed")) === version) await all.delete(`${KEPT}failed`);

  // What neither this version nor an open page needs goes.
  const open = await self.clients.matchAll({ includeUncontrolled: true, type: "all" });
  const ids = new Set([...opened, ...open.map(({ id }) => id)]); // a page on its way is not listed
  const needed = new Set([`${KEPT}list/${version}`]);
  const versions = new Set([version]);
  const keys = (await all.keys()).map(({ url }) => url);
  for (const url of keys.filter((one) => one.startsWith(`${KEPT}client/`))) {
    const client = url.slice(`${KEPT}client/`.length);
    const belongs = await recall(`client/${client}`);
    if (!ids.has(client)) continue;
    needed.add(url).add(`${KEPT}list/${belongs.version}`);
    versions.add(belongs.version);
  }
  for (const one of versions) {
    for (const files of Object.values(await list(one))) {
      for (const [path, [hash]] of Object.entries(files)) needed.add(address(path, hash));
    }
  }
  const gone = keys.filter((url) => url.slice(KEPT.length).includes("/") && !needed.has(url));
  await Promise.all(gone.map((url) => all.delete(url)));
}

self.addEventListener("message", (event) => {
  const step = keep(event.data, event.source).catch(({ name }) => ({ error: name }));
  event.waitUntil(step.then((said) => event.ports[0].postMessage(said)));
});

self.addEventListener("install", () => self.skipWaiting());
