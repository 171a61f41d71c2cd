// Python, on a page with a lab, as soon as the style that the text waits for is there (a script in
// the head waits for it too), and long before the script that draws the lab (lab.mjs). What Python
// says before anyone listens is kept.
(() => {
  if (window.pagelabUnfit) return; // old.js says so
  const { src } = document.currentScript;
  const early = (window.pagelabEarly = { said: [] }); // until lab.mjs takes it over
  try {
    early.worker = new Worker(new URL("worker.mjs", src), { type: "module" });
    early.worker.onmessage = early.worker.onerror = (event) => early.said.push(event);
  } catch {
    // lab.mjs tries again, and says why not.
  }

  // lab.mjs tells the reader what is wrong; that it is itself missing or damaged, it cannot.
  const labs = () => [...document.querySelectorAll(".pagelab-lab")];
  let attempts = 0;

  function fail(address) {
    const sentence = "The file lab.mjs of this site is missing or damaged. ";
    for (const lab of labs()) {
      const retry = document.createElement("button");
      retry.className = "pagelab-retry";
      retry.textContent = "Try again";
      retry.onclick = () => tryAgain(address);
      const message = document.createElement("p");
      message.className = "pagelab-message";
      message.setAttribute("role", "alert");
      message.append(sentence, retry);
      lab.querySelector(".pagelab-frame").after(message);
      lab.dataset.state = "failed"; // text and poster stay
    }
  }

  async function tryAgain(address) {
    for (const lab of labs()) {
      lab.querySelector(".pagelab-message").remove();
      lab.dataset.state = "loading";
    }
    // Nor shall a damaged copy stay in the browser, which also remembers that a module failed.
    await fetch(address, { cache: "reload" }).catch(() => {});
    const script = document.createElement("script");
    script.type = "module";
    script.src = new URL(`lab.mjs?attempt=${(attempts += 1)}`, src);
    document.head.append(script);
  }

  const look = ({ target, filename }) => {
    const address = target.src || filename || "";
    if (!window.pagelabEarly || !address.includes("/lab.mjs")) return;
    if (document.readyState !== "loading") fail(address);
    else document.addEventListener("readystatechange", () => fail(address), { once: true });
  };
  window.addEventListener("error", look, true);
})();
