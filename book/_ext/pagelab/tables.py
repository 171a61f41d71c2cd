"""Tables made from code, for pages that are read on a phone too: there each row is a card.

A table that is laid out as cards is no table to some browsers, hence the roles.
"""

from html import escape


def row(name, cells, *, prefix, head, note="", more="", css=""):
    """One row: its name with a note below it, cells that repeat their heading on a phone.

    What there is more to say gets a row of its own, as wide as the table.
    """
    note = f"<small>{escape(note)}</small>" if note else ""
    figures = "".join(
        f'<td role="cell"><span class="{prefix}-label" aria-hidden="true">{escape(label)}</span> '
        f"{escape(text)}</td>"
        for label, text in zip(head[1:], cells, strict=True)
    )
    html = (
        f'<tr role="row" class="{css}"><th role="rowheader" scope="row">{escape(name)}{note}</th>'
        f"{figures}</tr>"
    )
    if more:
        html += (
            f'<tr role="row" class="{prefix}-more"><td role="cell" colspan="{len(head)}">'
            f"<p>{escape(more)}</p></td></tr>"
        )
    return html


def table(rows, *, prefix, head, title, words="", note="", css=""):
    """A table under its title, with what it is about and where it comes from."""
    heads = "".join(f'<th role="columnheader" scope="col">{escape(name)}</th>' for name in head)
    about = f" {escape(words)}" if words else ""
    note = f" <small>{escape(note)}</small>" if note else ""
    return (
        f'<table role="table" class="{prefix}-table {css}"><caption><b>{escape(title)}</b>{about}'
        f'{note}</caption><thead role="rowgroup"><tr role="row">{heads}</tr></thead>'
        f'<tbody role="rowgroup">{"".join(rows)}</tbody></table>'
    )
