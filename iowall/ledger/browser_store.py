"""Where the ledger is kept: the browser's storage, through one small widget.

The same widget serves the book's pages and the notebooks, so both see the same ledger. It also
hands files to the reader.
"""

from collections.abc import Callable
from importlib.resources import files

import anywidget

_NOTHING = {
    **dict.fromkeys(("kept", "full", "earlier", "replaced"), False),
    **dict.fromkeys(("text", "base", "broken"), ""),
}


class Store(anywidget.AnyWidget):
    """Keeps a text in the browser.

    `on_answer(answer, **more)` is called with "opened" (what was kept when the lab opened), "kept"
    (after `keep`) or "elsewhere" (another tab has changed the text). After the first and the last,
    nothing is kept before `heard` is called. `more` has

    kept, full, earlier : bool
        Whether all of the lab's work is kept; if not, whether there is no room, and whether
        something earlier is kept.
    text, base : str
        What is kept now, and the text from which the other tab began.
    replaced : bool
        Whether it is another ledger, and not more work in the same.
    broken : str
        What was set aside because it could not be read.
    """

    _esm = files("iowall.ledger").joinpath("browser_store.js").read_text(encoding="utf-8")

    def __init__(self, on_answer: Callable[..., None]) -> None:
        super().__init__()
        self._answered, self._news = False, None
        self._on_answer = on_answer
        self.on_msg(self._receive)
        self.send({"ask": True})

    def _receive(self, _widget, content, _buffers):
        answer = content["answer"]
        if answer == "here":
            # The front end was not there yet when we asked, or is another one.
            self.send({"ask": True})
            return
        if answer == "opened" and self._answered:
            answer = "elsewhere"
        self._answered = True
        self._news = content.get("news", self._news)
        self._on_answer(answer, **{name: content.get(name, no) for name, no in _NOTHING.items()})

    def heard(self) -> None:
        """Go on from the last answer: what is kept from now on has it in it."""
        self.send({"heard": self._news})

    def keep(self, text: str, *, replaces: bool = False) -> None:
        """Keep this text in place of the last one; `replaces`, if it is another ledger."""
        self.send({"keep": text, "replaces": replaces})

    def set_aside(self, text: str) -> None:
        """Keep a text that cannot be read in another place."""
        self.send({"aside": text})

    def forget(self) -> None:
        """Keep no more what was set aside."""
        self.send({"forget": True})

    def print(self) -> None:
        """Ask the browser to print the page."""
        self.send({"print": True})

    def download(self, name: str, text: str) -> None:
        """Hand a text to the reader as a file."""
        self.send({"download": name, "text": text})
