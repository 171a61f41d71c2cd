"""The lock: a prediction that is bound before the workbench opens."""

import math
from html import escape

import ipywidgets as widgets

from iowall.ledger import LEAST, MOST
from iowall.units import number


class Lock(widgets.VBox):
    """A question, its options, a bounded estimate and a reason; then what was said, for good.

    `on_submit(prediction)` receives option, estimate and reason once they are complete;
    `on_draft(draft)` what is filled in so far.
    """

    def __init__(self, *, question, options, estimate, on_submit, on_draft, draft):
        self._on_submit, self._on_draft = on_submit, on_draft
        wide = widgets.Layout(width="100%")
        self.option = widgets.RadioButtons(
            options=[(label, key) for key, label in options.items()], index=None, layout=wide
        )
        self.estimate = widgets.Text(
            placeholder=f"{LEAST} to {MOST:,}", layout=widgets.Layout(width="12em")
        )
        self.reason = widgets.Textarea(
            placeholder="Because …", continuous_update=False, rows=3, layout=wide
        )
        self.submit = widgets.Button(
            description="Lock in my prediction", button_style="primary", layout={"width": "auto"}
        )
        self._problem = widgets.HTML()
        for control, name in (
            (self.option, "Your prediction"),
            (self.estimate, estimate),
            (self.reason, "Your reason"),
        ):
            control.tooltip = name
        self._restore(draft, options)
        super().__init__(
            [
                widgets.HTML(f"<h4>Predict</h4><p>{escape(question)}</p>"),
                self.option,
                widgets.HTML(f"<p>{escape(estimate)}</p>"),
                self.estimate,
                widgets.HTML("<p>Your reason, in a sentence or two</p>"),
                self.reason,
                self.submit,
                self._problem,
            ]
        )
        self.add_class("iowall-lock")
        for control in (self.option, self.estimate, self.reason):
            control.observe(self._draft, names="value")
        self.submit.on_click(self._submit)

    def _restore(self, draft, options):
        if draft.get("option") in options:
            self.option.value = draft["option"]
        for control, name in ((self.estimate, "estimate"), (self.reason, "reason")):
            if isinstance(draft.get(name), str):
                control.value = draft[name]

    def _draft(self, _change):
        self._on_draft(
            {
                "option": self.option.value,
                "estimate": self.estimate.value,
                "reason": self.reason.value,
            }
        )

    def _submit(self, _button):
        try:
            self._on_submit(
                {
                    "option": self._chosen(),
                    "estimate": factor(self.estimate.value),
                    "reason": self._reasoned(),
                }
            )
        except ValueError as error:
            self._problem.value = problem(str(error))

    def _chosen(self):
        if self.option.value is None:
            raise ValueError("Choose one of the three answers first.")
        return self.option.value

    def _reasoned(self):
        if not self.reason.value.strip():
            raise ValueError("Write down your reason first; one sentence is enough.")
        return self.reason.value.strip()


def problem(text):
    """A mistake, in the HTML of one sentence that is announced at once."""
    return f'<p class="iowall-problem" role="alert">{escape(text)}</p>' if text else ""


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


def bound(prediction, options, factor="times slower"):
    """What was predicted, as the lock shows it from now on; `factor` is what was estimated."""
    option = options.get(prediction["option"], prediction["option"])
    return (
        '<div class="iowall-bound"><h4>You predicted</h4>'
        f"<p><b>{escape(option)}</b>, {number(prediction['estimate'])} {factor}.</p>"
        f"<p>“{escape(prediction['reason'])}”</p></div>"
    )


def verdict(*, prediction, options, answer, value):
    """Predicted against modelled, and by what factor the estimate was off."""
    said = options.get(prediction["option"], prediction["option"])
    right = "the same" if prediction["option"] == answer else f"“{options[answer]}”"
    off = max(prediction["estimate"] / value, value / prediction["estimate"])
    close = "right on the spot" if off < 1.05 else f"a factor of {number(off)} off"
    return (
        f"You predicted “{said}” and {number(prediction['estimate'])} times; at these settings the "
        f"model says {right} and {number(value)} times: {close}."
    )
