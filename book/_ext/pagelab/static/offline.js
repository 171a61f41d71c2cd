// Has the book kept for reading without the network, once a lab on this page is ready, and says
// so in the lab's frame. What is kept, and how, is the service worker's business (sw.js).
(async () => {
  const site = new URL("../../", document.currentScript.src);
  const { called, notebook } = document.currentScript.dataset; // the latter in JupyterLite's page
  // Not for a guest in another page's frame, nor where the reader saves on data.
  if (window.top !== window || !navigator.serviceWorker || navigator.connection?.saveData) return;

  const lab = document.querySelector(".pagelab-lab");
  if (notebook !== undefined) {
    await new Promise((done) => document.addEventListener("pagelab-notebook-ready", done));
  } else if (lab) {
    await new Promise((ready) => {
      const look = () => lab.dataset.state === "ready" && ready();
      new MutationObserver(look).observe(lab, { attributeFilter: ["data-state"] });
      look();
    });
  } else if (!(await caches.has(`pagelab ${site.pathname}`).catch(() => false))) {
    return; // a reader who has not met a lab yet
  }

  // One status, whose count is only to be seen: each phase is announced once.
  const phase = document.createElement("span");
  const count = document.createElement("span");
  count.setAttribute("aria-hidden", "true");
  const status = document.createElement("div");
  status.className = "pagelab-offline";
  status.setAttribute("role", "status");
  status.append(phase, count);
  lab?.querySelector(".pagelab-frame .pagelab-bar")?.after(status);
  const say = (sentence, figures = "") => {
    if (phase.textContent !== sentence) phase.textContent = sentence;
    count.textContent = figures;
    status.dataset.state = sentence.startsWith("Saving") ? "saving" : "settled";
  };

  const megabytes = (bytes) => Math.round(bytes / 1e6);
  async function keep(worker) {
    const ask = (message) =>
      new Promise((answer) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = ({ data }) => answer(data);
        worker.postMessage(message, [port2]);
      });
    for (let said = {}; !said.finished; ) {
      said = await ask({ version: said.version, notebook: notebook !== undefined });
      if (said.error) throw said.error;
      const { done, total } = said;
      const figures = `: ${megabytes(done)} of ${megabytes(total)} MB`;
      say(`Saving the ${called} for offline reading`, figures);
    }
  }

  try {
    await navigator.serviceWorker.register(new URL("sw.js", site), { scope: site.pathname });
    const { active } = await navigator.serviceWorker.ready;
    // One page at a time; the next finds that all is there.
    await navigator.locks.request(`pagelab ${site.pathname}`, () => keep(active));
    say("Saved for reading offline");
    // Chromium decides this by itself; others would ask the reader, who has not asked for it.
    if (navigator.userAgentData) await navigator.storage.persist();
  } catch (error) {
    if (error === "QuotaExceededError") {
      say(`This device has no room to keep the ${called} for offline reading.`);
    } else if (typeof error === "string") {
      say(`This version of the ${called} could not be saved for offline reading.`);
    } // Else service workers are switched off here, and the page works all the same.
  }
})();
