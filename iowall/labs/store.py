"""Where the ledger is kept: the browser's storage, through one small widget.

The same widget serves the book's pages and the notebooks, so both see the same ledger. It also
brings the labs' style to notebooks, and hands files to the reader.
"""

from pathlib import Path

import anywidget

from iowall import labs, views


def _beside(package, name):
    """A file of a package, which may lie in the archive that a page runs from."""
    path = Path(package.__file__).with_name(name)
    return package.__loader__.get_data(str(path)).decode()


class Store(anywidget.AnyWidget):
    """Keeps a text in the browser.

    `on_answer(answer, kept, text)` is called with "opened" (what was kept when the lab opened),
    "kept" (after `keep`) or "elsewhere" (another tab has changed the text); `kept` says whether
    this browser keeps anything at all.
    """

    _esm = _beside(labs, "store.js")
    _css = _beside(views, "lab.css")

    def __init__(self, on_answer):
        super().__init__()
        self._answered = False
        self._on_answer = on_answer
        self.on_msg(self._receive)
        self.send({"ask": True})

    def _receive(self, _widget, content, _buffers):
        if content["answer"] == "here":
            # The front end was not there yet when we asked.
            if not self._answered:
                self.send({"ask": True})
        elif content["answer"] == "opened":
            if not self._answered:
                self._answered = True
                self._on_answer("opened", content["kept"], content["text"])
        else:
            self._on_answer(content["answer"], content["kept"], content["text"])

    def keep(self, text):
        """Keep this text in place of the last one."""
        self.send({"keep": text})

    def print(self):
        """Ask the browser to print the page."""
        self.send({"print": True})

    def download(self, name, text):
        """Hand a text to the reader as a file."""
        self.send({"download": name, "text": text})
