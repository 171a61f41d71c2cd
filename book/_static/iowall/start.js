// Python, on a page with a lab, as soon as the style that the text waits for is there (a script in
// the head waits for it too), and long before the script that draws the lab (lab.mjs). What Python
// says before anyone listens is kept.
try {
  const worker = new Worker(new URL("worker.mjs", document.currentScript.src), { type: "module" });
  const said = [];
  worker.onmessage = (event) => said.push(event);
  window.iowallEarly = { worker, said };
} catch {
  // lab.mjs tries again, and says why not.
}
