"""The ledger page: what was predicted, what came of it, and the strategy that is defended."""

from html import escape
from importlib import import_module

import ipywidgets as widgets

from iowall.labs.prediction import bound, problem
from iowall.labs.workbench import FULL, Kept, now
from iowall.ledger import PARTS
from iowall.tracks import TRACKS

TITLES = {
    "access": "The Access Pattern Audit",
    "pipeline": "Sizing the Pipeline",
    "checkpoint": "The Checkpoint Wall",
}
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


class Report(Kept):
    """Reads the ledger of all parts; writes only the strategy."""

    def __init__(self, asked):
        self.choice = self.defence = self.submit = None
        self.print = widgets.Button(description="Print", layout={"width": "auto"})
        self.print.on_click(lambda _: self.store.print())
        super().__init__(asked)
        self.add_class("iowall-report")

    def _opened(self):
        if self._asked:
            self._note(f"There is nothing to open this page at: {', '.join(self._asked)[:80]}.")

    def _arrange(self):
        track = TRACKS.get(self.ledger.track)
        if track is None:
            self._fill([widgets.HTML(EMPTY)])
            return
        head = (
            f"<h4>{escape(track.name)}</h4><p>{escape(track.persona)} {escape(track.mission)}</p>"
        )
        parts = [_card(_section(track, self.ledger, part)) for part in PARTS]
        self._fill([widgets.HTML(head), *parts, self._strategy(), self.print])

    def _strategy(self):
        draft = self.ledger.drafts.get("strategy", {})
        saved = {**(self.ledger.strategy or {}), **draft}
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
        self.submit = widgets.Button(
            description="Keep my strategy", button_style="primary", layout={"width": "auto"}
        )
        self.submit.on_click(self._submit)
        for control in (self.choice, self.defence):
            control.observe(self._draft, names="value")
        self._said = widgets.HTML(_kept(self.ledger.strategy))
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
        self.ledger.drafts["strategy"] = draft
        self.save()

    def _submit(self, _button):
        defence = self.defence.value.strip()
        if self.choice.value is None:
            self._said.value = problem("Choose one of the two strategies first.")
        elif not defence:
            self._said.value = problem("Write your defence first; a few sentences are enough.")
        else:
            self.ledger.strategy = {
                "choice": self.choice.value,
                "defence": defence,
                "time": now(),
            }
            self.ledger.drafts.pop("strategy", None)
            self.save()
            self._said.value = _kept(self.ledger.strategy)


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
    title = f"<h4>{escape(TITLES[part])}</h4>"
    prediction = ledger.predictions.get(part)
    if prediction is None:
        return f"{title}<p class='iowall-note'>Not predicted yet.</p>"
    lab = import_module(f"iowall.labs.{part}")
    lines = "".join(f"<li>{escape(line)}</li>" for line in lab.summary(track, ledger))
    reflection = ledger.reflections.get(part)
    words = ""
    if reflection:
        met, asked = sum(reflection["rubric"]), len(reflection["rubric"])
        words = (
            f'<blockquote class="iowall-answer">{escape(reflection["text"])}</blockquote>'
            f"<p class='iowall-note'>By your own marks it meets {met} of {asked} points.</p>"
        )
    said = lab.words(track)
    predicted = bound(prediction, said.options, said.factor)
    return f"{title}{predicted}<ul>{lines}</ul>{words}"


def lab(asked):
    """The lab of the ledger page."""
    return Report(asked)
