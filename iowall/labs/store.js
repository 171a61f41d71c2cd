// Keeps the ledger's text in this browser, for this site: the book's pages and its notebooks share
// it. Python sends what is to be kept as messages, since a message is never merged with the next.

// All project sites of one GitHub user share an origin, so the key names the site's folder.
const site = location.pathname.replace(/\/(book|lite)\/.*$/, "/");
const KEY = `iowall-ledger:${site}`;

function read() {
  try {
    if (!(localStorage instanceof Storage)) throw new Error("a stand-in, which keeps nothing");
    const probe = `${KEY}:probe`;
    localStorage.setItem(probe, "1");
    localStorage.removeItem(probe);
    return { kept: true, text: localStorage.getItem(KEY) ?? "" };
  } catch {
    return { kept: false, text: "" };
  }
}

function download(name, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export default {
  initialize({ model }) {
    let known = ""; // what this tab believes is kept

    model.on("msg:custom", (message) => {
      if (message.ask) {
        const now = read();
        known = now.text;
        model.send({ answer: "opened", ...now });
      } else if (message.download) {
        download(message.download, message.text);
      } else if (message.print) {
        window.print();
      } else if (message.keep !== undefined) {
        const now = read();
        // Another tab was quicker: its work stays, and Python decides what to tell the reader.
        if (now.kept && now.text !== known) {
          known = now.text;
          model.send({ answer: "elsewhere", ...now });
          return;
        }
        try {
          localStorage.setItem(KEY, message.keep);
          known = message.keep;
          model.send({ answer: "kept", kept: now.kept, text: "" });
        } catch {
          model.send({ answer: "kept", kept: false, text: "" });
        }
      }
    });

    const elsewhere = (event) => {
      if (event.key !== KEY || event.newValue === known) return;
      known = event.newValue ?? "";
      model.send({ answer: "elsewhere", kept: true, text: known });
    };
    window.addEventListener("storage", elsewhere);
    // A message sent before this front end existed is lost: say that it exists.
    model.send({ answer: "here", kept: true, text: "" });
    return () => window.removeEventListener("storage", elsewhere);
  },
  render() {},
};
