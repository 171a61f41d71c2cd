// The front end of ipywidgets for a page: its own libraries, and a manager as thin as they allow.
// (html-manager, which they offer for pages, brings outputs, an editor and a schema checker along,
// and takes four times as long to start.) Bundled when the book is built.

import "@lumino/widgets/style/index.css";
import "@jupyter-widgets/base/css/index.css";
import "@jupyter-widgets/controls/css/widgets.css";

import * as base from "@jupyter-widgets/base";
import { ManagerBase } from "@jupyter-widgets/base-manager";
import * as controls from "@jupyter-widgets/controls";
import { MessageLoop } from "@lumino/messaging";
import { Widget } from "@lumino/widgets";

// What the front ends of other packages ask for by name.
export const libraries = { "@jupyter-widgets/base": base, "@jupyter-widgets/controls": controls };

export class Manager extends ManagerBase {
  // `load` gives the front end of a name, `typeset` sets the mathematics of an element.
  constructor({ load, typeset }) {
    super();
    this.load = load;
    this._rendermime = { latexTypesetter: { typeset } }; // where the controls look for it
    const shown = new Set();
    this.shown = shown;
    window.addEventListener("resize", () => {
      for (const view of shown) {
        MessageLoop.postMessage(view.luminoWidget, Widget.ResizeMessage.UnknownSize);
      }
    });
  }

  async loadClass(className, moduleName) {
    const found = (await this.load(moduleName))[className];
    if (!found) throw new Error(`The front end “${moduleName}” has no ${className}.`);
    return found;
  }

  async create_view(...given) {
    const view = await super.create_view(...given);
    view.once?.("remove", () => view.popper?.destroy()); // bqplot leaves its listeners on the window
    return view;
  }

  display_view(view, element) {
    Widget.attach(view.luminoWidget, element);
    this.shown.add(view);
    view.once("remove", () => this.shown.delete(view));
  }

  // Widgets are made by Python alone.
  _create_comm() {
    return Promise.reject(new Error("A page's widgets are made in Python."));
  }

  _get_comm_info() {
    return Promise.resolve({});
  }
}
