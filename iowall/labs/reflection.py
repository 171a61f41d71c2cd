"""A question, an answer in the student's words, and a rubric to mark it by."""

from html import escape

import ipywidgets as widgets

from iowall.labs.controls import FULL, button, now, problem


class ReflectionBox(widgets.VBox):
    """What a `parts.Reflection` asks, and what is answered.

    `on_draft(text)`, `on_submit(saved)` and `on_mark(marks)` hear of each step; `put` brings it to
    where a ledger is.
    """

    def __init__(self, asked, *, on_draft, on_submit, on_mark):
        self._rubric, self._on_submit, self._on_mark = asked.rubric, on_submit, on_mark
        self.answer = widgets.Textarea(
            continuous_update=False, rows=5, layout=FULL, tooltip="Your answer"
        )
        self.answer.observe(lambda change: on_draft(change["new"]), names="value")
        self.submit = button("Submit my answer", self._submit, "primary")
        self._problem = widgets.HTML()
        self.marks = []
        self._head = widgets.HTML(
            f"<h4>Reflect</h4><p>{escape(asked.question)}</p>"
            f'<p class="iowall-note">{escape(asked.note)}</p>'
        )
        super().__init__([self._head, self.answer, self.submit, self._problem])
        self.add_class("iowall-reflection")

    def put(self, saved, draft):
        """Show what is in the ledger: the answer that was submitted, else the draft."""
        if not saved:
            self.answer.value = draft
        elif self.marks:
            for mark, value in zip(self.marks, saved["rubric"], strict=False):
                mark.value = value
        else:
            self._show(saved)

    def _submit(self):
        text = self.answer.value.strip()
        if not text:
            self._problem.value = problem("Write your answer first; a few sentences are enough.")
            return
        saved = {"text": text, "rubric": [False] * len(self._rubric), "time": now()}
        self._on_submit(saved)
        self._show(saved)

    def _show(self, saved):
        ticked = [*saved["rubric"], *[False] * len(self._rubric)]
        self.marks = [
            widgets.Checkbox(value=mark, description=line, indent=False, layout=FULL)
            for mark, line in zip(ticked, self._rubric, strict=False)
        ]
        for mark in self.marks:
            mark.observe(
                lambda _: self._on_mark([mark.value for mark in self.marks]), names="value"
            )
        answer = escape(saved["text"])
        yours = widgets.HTML(f'<blockquote class="iowall-answer">{answer}</blockquote>')
        guide = widgets.HTML("<p>Mark your own answer. Does it</p>")
        self.children = [self._head, yours, guide, *self.marks]
