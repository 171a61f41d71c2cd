"""Our scripts and styles as a browser gets them.

One idea: in these files `pagelab` stands for the book's prefix (in the names of classes, globals,
and what a browser keeps), so that two books on one host share nothing. It is put there once, here.
"""

from pathlib import Path

HERE = Path(__file__).parent
STATIC = HERE / "static"  # what a site serves under _static/PREFIX


def text(path, prefix):
    """A file of ours with the prefix in it."""
    return path.read_text(encoding="utf-8").replace("pagelab", prefix)


def files(settings):
    """{name: bytes} of _static/PREFIX: ours, and the styles of the book's labs."""
    ours = {path.name: text(path, settings.prefix).encode() for path in sorted(STATIC.iterdir())}
    return ours | {style.name: style.read_bytes() for style in settings.styles}
