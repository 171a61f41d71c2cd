"""The workbench of a part: its controls and pictures, and the one way from one to the other."""

from contextlib import contextmanager

import ipywidgets as widgets

from iowall import parts
from iowall.labs import controls, links
from iowall.labs.controls import now
from iowall.models import VERSION
from iowall.scenarios import TRACKS


class Workbench(widgets.VBox):
    """Controls and pictures of one part; `_move` is where it is evaluated.

    A subclass names its `part` and fills in

    - `_make()`: its pictures, and `controls`, {name: widget}, from `options`;
    - `_laid_out()`: both as children;
    - `_show(result, said)`: one evaluation in the pictures;
    - `_show_attempts()`: what came of runs and commits, after each of them and at first.

    Parameters
    ----------
    session : Session
        Whose ledger it reads and writes.
    asked : dict
        Settings to open at; what of them cannot be is in `misfits`, as sentences.
    on_move : callable
        ``on_move(self)`` follows each move.
    """

    part = None

    def __init__(self, *, session, asked, on_move):
        self.session, self._on_move = session, on_move
        self._still = False
        self.track = self._with_devices()
        self.options = self.part.options(self.track)
        self._make()
        super().__init__()
        self.children = self._laid_out()
        self.add_class("iowall-workbench")
        controls.put(self.controls, self._arrival())
        controls.put(self.controls, self.work.settings)  # what is no longer offered moves nothing
        self.misfits = list(links.take(self.options, self.controls, asked))
        for control in self.controls.values():
            control.observe(self._move, names="value")
        self._show_attempts()
        self._move()

    @property
    def work(self):
        """What the ledger holds of this part."""
        return self.session.ledger.of(self.part.KEY)

    @property
    def positions(self):
        """The controls as they stand, by name."""
        return {name: control.value for name, control in self.controls.items()}

    @property
    def settings(self):
        """What is evaluated and kept; a subclass may add what no control shows."""
        return self.positions

    def put(self):
        """Bring the controls to where the ledger is, as one move."""
        with self._at_once():
            controls.put(self.controls, self.work.settings)
        self._show_attempts()
        self._move()

    def _with_devices(self):
        """The track, with the devices that the reader measured."""
        track, ledger = TRACKS[self.session.ledger.track], self.session.ledger
        return parts.scenario(track, ledger.measured(track.direction))

    def _arrival(self):
        """Where the controls are before the reader has moved any."""
        return self.part.start(self.track)

    @contextmanager
    def _at_once(self):
        """Several controls are moved, and nothing follows yet."""
        self._still = True
        try:
            yield
        finally:
            self._still = False

    def _move(self, _change=None):
        """One move: settings → evaluate → say → pictures."""
        if self._still:
            return
        self.result = self.part.evaluate(self.track, self.settings)
        self._show(self.result, self.part.say(self.result, self.work.prediction))
        self.work.settings = self.settings
        self._on_move(self)
        self.session.save()

    def _attempt(self, settings, outcome):
        """Put what was tried into the ledger; gives the attempt."""
        attempt = {"settings": settings, "outcome": outcome, "version": VERSION, "time": now()}
        self.work.attempts.append(attempt)
        return attempt
