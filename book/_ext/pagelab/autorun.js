// Runs a course notebook once when it opens, so that a reader finds the lab and not a Run button.
// Only the course's own: they are read-only, a notebook that the reader saved is theirs to run.

// A copy saved in the browser would hide every later version of the notebook. The menus keep to
// "read-only", but not everything that saves does (trusting a notebook, for one).
function neverHide(contents) {
  const save = contents.save.bind(contents);
  contents.save = async (path, options) => {
    const there = await contents.get(path, { content: false }).catch(() => null); // a new name
    if (there?.writable === false) throw new Error(`${path} is read-only: save it as another name`);
    return save(path, options);
  };
}

(async () => {
  const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  const until = async (ask) => {
    for (;;) {
      const answer = ask();
      if (answer) return answer;
      await pause(100);
    }
  };

  const app = await until(() => window.jupyterapp);
  neverHide(app.serviceManager.contents);
  await app.restored;
  const panel = await until(() => {
    const widget = app.shell.currentWidget;
    return widget?.context && widget?.sessionContext && widget;
  });
  await panel.context.ready;
  await panel.sessionContext.ready;
  const kernel = await until(() => panel.sessionContext.session?.kernel);
  await kernel.info; // Python has answered
  const cells = panel.content.model.cells;
  const untouched = Array.from(cells).every((cell) => !cell.executionCount);
  if (panel.context.contentsModel?.writable === false && untouched) {
    await app.commands.execute("notebook:run-all-cells");
    panel.content.activeCellIndex = 0; // running has gone to the last cell; the lab is the first
    await panel.content.scrollToItem(0);
  }
  document.dispatchEvent(new Event("pagelab-notebook-ready")); // for offline.js
})();
