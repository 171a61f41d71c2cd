// Runs a course notebook once when it opens, so that a reader finds the lab and not a Run button.
// Only the course's own: they are read-only, a notebook that the reader saved is theirs to run.

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
  await app.restored;
  const panel = await until(() => {
    const widget = app.shell.currentWidget;
    return widget?.context && widget?.sessionContext && widget;
  });
  await panel.context.ready;
  if (panel.context.contentsModel?.writable !== false) return;

  await panel.sessionContext.ready;
  const kernel = await until(() => panel.sessionContext.session?.kernel);
  await kernel.info; // Python has answered
  const cells = panel.content.model.cells;
  const untouched = Array.from(cells).every((cell) => !cell.executionCount);
  if (!untouched) return;
  await app.commands.execute("notebook:run-all-cells");
  panel.content.activeCellIndex = 0; // running has gone to the last cell; the lab is the first
  await panel.content.scrollToItem(0);
})();
