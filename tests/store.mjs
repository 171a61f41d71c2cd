// Plays a story of the ledger's store in Node: node store.mjs STORE STORY, where the store is the
// widget's script and the story one of those below. Prints what the widget told its Python, as JSON.

import { pathToFileURL } from "node:url";

const [, , script, story] = process.argv;
const nothing = { addEventListener() {}, removeEventListener() {} };
globalThis.location = { pathname: "/course/book/access.html" };
globalThis.window = nothing;
globalThis.document = { ...nothing, hidden: false, activeElement: null };
globalThis.BroadcastChannel = class {
  postMessage({ text }) {
    log.push(`posted ${text}`);
  }
  close() {}
};
const { keeper } = await import(pathToFileURL(script));

const log = [];
const moment = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// A place that takes its time: less for each text, so that a later one would overtake.
function slow({ fails = false } = {}) {
  let kept = "";
  let pause = 60;
  return {
    async load() {
      return { open: true, text: kept, broken: "" };
    },
    async hasRoom() {
      return true;
    },
    async save(text) {
      await moment((pause -= 20));
      if (fails && text === "two") throw new Error("lost");
      kept = text;
      log.push(`saved ${text}`);
      return true;
    },
    async setAside() {},
    async forget() {},
  };
}

function open(place) {
  let tell;
  const model = {
    on: (_, callback) => (tell = callback),
    send: ({ answer, kept }) => log.push(`${answer}${kept ? ", kept" : ""}`),
  };
  keeper(place).initialize({ model });
  tell({ ask: true });
  tell({ heard: 1 });
  return tell;
}

const stories = {
  async order() {
    const tell = open(slow());
    for (const text of ["one", "two"]) tell({ keep: text, replaces: false });
    log.push("asked");
    await moment(200);
  },
  async failure() {
    const tell = open(slow({ fails: true }));
    for (const text of ["one", "two", "three"]) tell({ keep: text, replaces: false });
    await moment(200);
  },
};
await stories[story]();
console.log(JSON.stringify(log));
