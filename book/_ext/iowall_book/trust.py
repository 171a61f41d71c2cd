"""The `iowall-trust` directive: what the models say beside what others have published.

```{iowall-trust} access
```

The argument is a section of `iowall.trust.TOPICS`, or `summary`.
"""

from collections import Counter

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from iowall.trust import AGREES, HOLDS, MISS, NEW_ROWS, ROWS, TOLERANCE, TOPICS
from iowall.units import number

from . import tables

_HEAD = ("What", "Published", "Model", "Off by", "Kind", "Verdict")
_SIGNS = {AGREES: "✓", HOLDS: "≤", MISS: "✗"}


def _row(row, told):
    published, modelled = (f"{number(n)} {row.unit}".strip() for n in (row.published, row.modelled))
    if row.claim == "more than":
        published = f"> {published}"
    elif row.claim == "ceiling":
        modelled = f"≤ {modelled}"
    off = 100 * row.off
    off = f"{off:+.1f} %" if 0.05 <= abs(off) < 99.95 else f"{off:+.0f} %"
    off = off.replace("-", "−") if abs(row.off) >= 5e-4 else "0 %"
    cells = (published, modelled, off, row.kind, f"{_SIGNS[row.verdict]} {row.verdict}")
    return tables.row(
        row.what,
        [cell.replace(" ", "\N{NO-BREAK SPACE}") for cell in cells],
        head=_HEAD,
        note=row.inputs,
        more=_more(row, told),
        css="iowall-" + row.verdict.replace(" ", "-"),
    )


def _more(row, told):
    """Why a row is missed, and what had been seen when its terms were chosen."""
    after = row.after and f"Chosen after {row.after}."
    return " ".join(
        "As above." if words in told else words for words in (row.reason, after) if words
    )


def _topic(topic):
    reasons = [row.reason for row in topic.rows]
    return tables.table(
        [_row(row, set(reasons[:n]) - {""}) for n, row in enumerate(topic.rows)],
        head=_HEAD,
        title=topic.title,
        words=topic.words,
        note=f"Source: {topic.source}.",
    )


def _summary(counted_rows, title):
    counted = Counter((row.kind, row.verdict) for row in counted_rows)
    head = ("Kind", *_SIGNS)
    rows = [
        tables.row(
            kind,
            [str(counted[kind, verdict]) for verdict in _SIGNS],
            head=head,
            note=f"agrees within {100 * share:.0f} %",
        )
        for kind, share in TOLERANCE.items()
        if any(row.kind == kind for row in counted_rows)
    ]
    return tables.table(rows, head=head, title=title)


class TrustDirective(SphinxDirective):
    required_arguments = 1

    def run(self):
        section = self.arguments[0]
        html = ""
        if section == "summary":
            html = _summary(ROWS, f"{len(ROWS)} published results")
            html += _summary(NEW_ROWS, f"{len(NEW_ROWS)} results of 2026, counted apart")
        html += "".join(_topic(topic) for topic in TOPICS if topic.section == section)
        if not html:
            raise self.error(f"no section {section!r}: {sorted({t.section for t in TOPICS})}")
        return [nodes.raw("", html, format="html")]


def setup(app):
    app.add_directive("iowall-trust", TrustDirective)
