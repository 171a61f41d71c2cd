"""Sphinx extension of this book: its figures, its tables made from code, its stories.

The labs in its pages are pagelab's business; `posters.py` is where the two meet.
"""

from . import figures, sources, stories, trust


def setup(app):
    app.setup_extension("pagelab")
    for part in (figures, trust, sources, stories):
        part.setup(app)
    app.add_css_file("book.css", priority=600)  # after pagelab's, to which it adds
    return {"parallel_read_safe": True, "parallel_write_safe": True}
