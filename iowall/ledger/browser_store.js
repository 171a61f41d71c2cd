// Keeps the ledger's text in this browser, for this site: the book's pages and its notebooks share
// it. Python sends what is to be kept as messages, since a message is never merged with the next.
//
// Several tabs may keep at once, and localStorage tells each of the others' texts some time later:
// one may be written over unseen. So each tab sends what it keeps to the others, with the text from
// which it began. That is *news* to their Python, which puts the work of both together and keeps
// it; until then nothing that it sends is kept. All tabs put two works together to the same text.

// All project sites of one GitHub user share an origin, so the keys name the site's folder.
const site = location.pathname.replace(/\/(book|lite)\/.*$/, "/");
const KEY = `iowall-ledger:${site}`;
const BROKEN = `iowall-broken:${site}`; // what could not be read; as long as KEY, so that it fits
const PAUSE = 1000; // milliseconds without a letter, after which what is typed goes to Python
const LATE = 1000; // milliseconds in which another tab's message comes
const MANY = 30; // texts to remember

// Where texts are kept: everything here is awaited, so that "kept" is said of nothing else.
const place = {
  async load() {
    try {
      if (!(localStorage instanceof Storage)) throw new Error("a stand-in, which keeps nothing");
      const [text, broken] = [KEY, BROKEN].map((key) => localStorage.getItem(key) ?? "");
      return { open: true, text, broken };
    } catch {
      return { open: false, text: "", broken: "" };
    }
  },

  // Whether it is kept.
  async save(text) {
    return write(KEY, text);
  },

  async hasRoom() {
    const probe = `${KEY}:probe`;
    if (!write(probe, "1")) return false;
    localStorage.removeItem(probe);
    return true;
  },

  // In the ledger's place, so that there is room for it even where there is none left.
  async setAside(text) {
    localStorage.removeItem(KEY);
    const before = localStorage.getItem(BROKEN);
    if (!before || !write(BROKEN, `${before}\n${text}`)) write(BROKEN, text);
  },

  async forget() {
    localStorage.removeItem(BROKEN);
  },
};

function write(key, text) {
  try {
    localStorage.setItem(key, text);
    return true;
  } catch {
    return false;
  }
}

function download(name, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

// A text area gives its text away when it is left, which is too late for a reader who leaves the
// page, or whose lab is drawn anew because of another tab.
function commit(area) {
  if (!area?.matches?.(".iowall-lab-body textarea")) return;
  area.dispatchEvent(new Event("change", { bubbles: true }));
}

// A widget that keeps its texts in a place such as the one above.
export const keeper = (place) => ({
  initialize({ model }) {
    const channel = new BroadcastChannel(KEY);
    let known = ""; // the text from which this tab's work goes on
    let seen = [""]; // texts that it has in it, or that it was told of
    let waiting = []; // news that Python is not told yet
    let news = 0; // how often it was told
    let heard = 0; // the last of these that it goes on from

    // Whatever comes, from Python or from another tab, waits until what came before it is done.
    let done = Promise.resolve();
    const inTurn = (step) => (message) => {
      done = done.then(() => step(message)).catch((error) => console.error(error));
    };

    function know(text) {
      known = text;
      seen = [...seen, text].slice(-MANY);
    }

    async function open() {
      const now = await place.load();
      const kept = now.open && (await place.hasRoom());
      know(now.text);
      news += 1;
      const [full, earlier] = [now.open && !kept, now.text !== ""];
      model.send({ answer: "opened", ...now, news, kept, full, earlier });
    }

    // One at a time: of the many steps of another tab's slider only the last is worth drawing.
    function tell() {
      if (!waiting.length || heard < news) return;
      commit(document.activeElement);
      const [one] = waiting.splice(0, 1);
      know(one.text);
      news += 1;
      model.send({ answer: "elsewhere", ...one, news, kept: true });
    }

    channel.onmessage = inTurn(({ data }) => {
      if (!news || data.text === known) return;
      const last = waiting.at(-1);
      if (last?.text !== data.base) waiting.push(data);
      else waiting.splice(-1, 1, { ...data, base: last.base, replaced: last.replaced || data.replaced });
      tell();
    });

    // For what no message tells of: a page that slept, or a hand that changes what is kept.
    const look = inTurn(async () => {
      const { text } = await place.load();
      if (!news || seen.includes(text)) return;
      waiting.push({ text, base: known, replaced: false });
      tell();
    });
    let late;
    function lookLater() {
      clearTimeout(late);
      late = setTimeout(look, LATE);
    }

    async function keep(text, replaced) {
      const now = await place.load();
      if (heard < news || waiting.length) return;
      if (!seen.includes(now.text)) return lookLater();
      const kept = now.open && (await place.save(text).catch(() => false));
      if (kept) {
        channel.postMessage({ text, base: known, replaced });
        know(text);
      }
      const [full, earlier] = [now.open && !kept, now.text !== ""];
      model.send({ answer: "kept", kept, full, earlier, replaced });
    }

    const steps = inTurn(async (message) => {
      if (message.ask) {
        if (heard === news) await open();
      } else if (message.heard) {
        heard = message.heard;
        tell();
      } else if (message.keep !== undefined) {
        await keep(message.keep, message.replaces);
      } else if (message.aside !== undefined) {
        await place.setAside(message.aside);
        know("");
      } else if (message.forget) {
        await place.forget();
      }
    });
    model.on("msg:custom", (message) => {
      if (message.download) download(message.download, message.text);
      else if (message.print) window.print();
      else steps(message);
    });

    let pause;
    const typed = ({ target }) => {
      clearTimeout(pause);
      pause = setTimeout(() => commit(target), PAUSE);
    };
    const changed = ({ key }) => key === KEY && lookLater();
    const turned = () => {
      if (document.hidden) return commit(document.activeElement);
      seen = ["", known];
      lookLater();
    };
    window.addEventListener("storage", changed);
    document.addEventListener("visibilitychange", turned);
    document.addEventListener("input", typed);
    // A message sent before this front end existed is lost: say that it exists.
    model.send({ answer: "here" });
    return () => {
      clearTimeout(late);
      channel.close();
      window.removeEventListener("storage", changed);
      document.removeEventListener("visibilitychange", turned);
      document.removeEventListener("input", typed);
    };
  },
  render() {},
});

export default keeper(place);
