"""The lock: a prediction that is bound before the workbench opens."""

import math
from html import escape

import ipywidgets as widgets

from iowall.labs.controls import FULL, button, problem
from iowall.ledger import LEAST, MOST
from iowall.units import number


class Lock(widgets.VBox):
    """A question, its options, a bounded estimate and a reason; then what was said, for good.

    `on_submit(given)` receives option, estimate and reason once they are complete;
    `on_draft(draft)` what is filled in so far.
    """

    def __init__(self, words, *, on_submit, on_draft):
        self._on_submit, self._on_draft, self._options = on_submit, on_draft, words.options
        self._still = False
        self.option = widgets.RadioButtons(
            options=[(label, key) for key, label in words.options.items()], index=None, layout=FULL
        )
        self.estimate = widgets.Text(
            placeholder=f"{LEAST} to {MOST:,}", layout=widgets.Layout(width="12em")
        )
        self.reason = widgets.Textarea(
            placeholder="Because …", continuous_update=False, rows=3, layout=FULL
        )
        self.submit = button("Lock in my prediction", self._submit, "primary")
        self._problem = widgets.HTML()
        self._fields = {"option": self.option, "estimate": self.estimate, "reason": self.reason}
        named = ("Your prediction", words.estimate, "Your reason")
        for field, name in zip(self._fields.values(), named, strict=True):
            field.tooltip = name
            field.observe(self._draft, names="value")
        super().__init__(
            [
                widgets.HTML(f"<h4>Predict</h4><p>{escape(words.question)}</p>"),
                self.option,
                widgets.HTML(f"<p>{escape(words.estimate)}</p>"),
                self.estimate,
                widgets.HTML("<p>Your reason, in a sentence or two</p>"),
                self.reason,
                self.submit,
                self._problem,
            ]
        )
        self.add_class("iowall-lock")

    def put(self, draft):
        """Fill in what is in the ledger so far."""
        self._still = True
        if draft.get("option") in self._options:
            self.option.value = draft["option"]
        for name in ("estimate", "reason"):
            if isinstance(draft.get(name), str):
                self._fields[name].value = draft[name]
        self._still = False

    def _draft(self, _change):
        if not self._still:
            self._on_draft({name: field.value for name, field in self._fields.items()})

    def _submit(self):
        try:
            given = {
                "option": self._chosen(),
                "estimate": factor(self.estimate.value),
                "reason": self._reasoned(),
            }
        except ValueError as error:
            self._problem.value = problem(str(error))
        else:
            self._on_submit(given)

    def _chosen(self):
        if self.option.value is None:
            raise ValueError("Choose one of the three answers first.")
        return self.option.value

    def _reasoned(self):
        if not self.reason.value.strip():
            raise ValueError("Write down your reason first; one sentence is enough.")
        return self.reason.value.strip()


def factor(text):
    """The number in an answer such as "30", "1,000" or "12x"; a `ValueError` of one sentence."""
    try:
        value = float(text.strip().removesuffix("x").removesuffix("×").replace(",", ""))
    except ValueError:
        value = math.nan
    if not LEAST <= value <= MOST:
        raise ValueError(
            f"Your estimate must be a number from {LEAST} to {MOST:,}, "
            + (f"got {text.strip()[:20]!r}." if text.strip() else "and it is still empty.")
        )
    return value


def bound(prediction, options, factor):
    """What was predicted, as the lock shows it from now on; `factor` is what was estimated."""
    option = options.get(prediction["option"], prediction["option"])
    return (
        '<div class="iowall-bound"><h4>You predicted</h4>'
        f"<p><b>{escape(option)}</b>, {number(prediction['estimate'])} {factor}.</p>"
        f"<p>“{escape(prediction['reason'])}”</p></div>"
    )
