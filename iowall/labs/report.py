"""The ledger page: what was predicted, what came of it, and the strategy that is defended."""

from html import escape

import ipywidgets as widgets

from iowall import parts
from iowall.labs.controls import FULL, button, now, problem
from iowall.labs.frame import Page
from iowall.labs.lock import bound
from iowall.scenarios import TRACKS

STRATEGIES = {
    "local": "Local-First: keep bytes beside the accelerator, and accept what is lost with it",
    "cloud": "Cloud-Native: keep bytes in the shared store, and accept what all share",
}
QUESTION = (
    "Local-First or Cloud-Native? Defend your storage strategy to the people of your track, with "
    "numbers of your own from this page."
)
EMPTY = (
    "<p>Your ledger is empty. Begin with Part 1, The Access Pattern Audit: choose a track there "
    "and lock in a prediction.</p>"
)


class Report(Page):
    """Reads the ledger of all parts; writes only the strategy."""

    def __init__(self, asked):
        self.choice = self.defence = self.submit = self.print = None
        super().__init__(asked)
        self.add_class("iowall-report")

    def opened(self):
        """Say so, if the page was to open at some settings."""
        if self._asked:
            asked = ", ".join(self._asked)[:80]
            self.session.note(f"There is nothing to open this page at: {asked}.")

    def arrange(self):
        """Show what the ledger holds of each part, and ask for the strategy."""
        track = TRACKS.get(self.ledger.track)
        if track is None:
            self._fill([widgets.HTML(EMPTY)])
            return
        head = (
            f"<h4>{escape(track.name)}</h4><p>{escape(track.persona)} {escape(track.mission)}</p>"
        )
        known = parts.scenario(track, self.ledger.measured(track.direction))
        cards = [_card(_section(known, self.ledger, parts.part(key))) for key in parts.PARTS]
        self.print = button("Print", lambda: self.store.print())
        self._fill([widgets.HTML(head), *cards, self._strategy(), self.print])

    def _strategy(self):
        track = self.ledger.track
        handed_in, draft = self.ledger.strategies.get(track), self.ledger.drafts.get(track)
        saved = {**(handed_in or {}), **(draft or {})}
        self.choice = widgets.RadioButtons(
            options=[(label, key) for key, label in STRATEGIES.items()],
            value=saved.get("choice") if saved.get("choice") in STRATEGIES else None,
            tooltip="Your strategy",
            layout=FULL,
        )
        self.defence = widgets.Textarea(
            value=saved.get("defence") or "",
            continuous_update=False,
            rows=6,
            tooltip="Your defence",
            layout=FULL,
        )
        self.submit = button("Keep my strategy", self._submit, "primary")
        for control in (self.choice, self.defence):
            control.observe(self._draft, names="value")
        self._said = widgets.HTML(_kept(handed_in))
        box = widgets.VBox(
            [
                widgets.HTML(f"<h4>Decide</h4><p>{escape(QUESTION)}</p>"),
                self.choice,
                self.defence,
                self.submit,
                self._said,
            ]
        )
        box.add_class("iowall-reflection")
        return box

    def _draft(self, _change):
        draft = {"choice": self.choice.value, "defence": self.defence.value}
        self.ledger.drafts[self.ledger.track] = draft
        self.session.save()

    def _submit(self):
        defence = self.defence.value.strip()
        if self.choice.value is None:
            self._said.value = problem("Choose one of the two strategies first.")
        elif not defence:
            self._said.value = problem("Write your defence first; a few sentences are enough.")
        else:
            strategy = {"choice": self.choice.value, "defence": defence, "time": now()}
            self.ledger.strategies[self.ledger.track] = strategy
            self.ledger.drafts.pop(self.ledger.track, None)
            self.session.save()
            self._said.value = _kept(strategy)


def _card(html):
    card = widgets.VBox([widgets.HTML(html)])
    card.add_class("iowall-mission")
    return card


def _kept(strategy):
    if not strategy:
        return ""
    return (
        '<p role="status">Your strategy is in your ledger. You may change it until you hand it in.'
        "</p>"
    )


def _section(track, ledger, part):
    """One part of the report, as HTML."""
    title, work = f"<h4>{escape(part.TITLE)}</h4>", ledger.of(part.KEY)
    if work.prediction is None:
        return f"{title}<p class='iowall-note'>Not predicted yet.</p>"
    lines = "".join(f"<li>{escape(line)}</li>" for line in part.summary(track, work))
    said = ""
    if work.reflection:
        met, asked = sum(work.reflection["rubric"]), len(work.reflection["rubric"])
        said = (
            f'<blockquote class="iowall-answer">{escape(work.reflection["text"])}</blockquote>'
            f"<p class='iowall-note'>By your own marks it meets {met} of {asked} points.</p>"
        )
    words = part.words(track)
    predicted = bound(work.prediction, words.options, words.factor)
    return f"{title}{predicted}<ul>{lines}</ul>{said}"


def lab(asked):
    """The lab of the ledger page."""
    return Report(asked)
