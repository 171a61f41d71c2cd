"""What readers of the screen need, and the style that all labs share."""

from importlib.resources import files

import anywidget


class Readers(anywidget.AnyWidget):
    """Names a lab's controls for readers of the screen, and speaks when it has settled."""

    _esm = files("iowall.labs").joinpath("readers.js").read_text(encoding="utf-8")
    _css = files("iowall.views").joinpath("lab.css").read_text(encoding="utf-8")
