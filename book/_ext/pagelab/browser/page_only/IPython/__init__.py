"""What ipywidgets, bqplot and anywidget ask of IPython, and no more.

The page has no notebook cells, so the rest of IPython would be 5.6 MB and two seconds of start for
nothing. The notebooks use the real one.
"""

from .core.interactiveshell import InteractiveShell

_shell = InteractiveShell()


def get_ipython():
    """Return the one shell: libraries hand it the exceptions of their callbacks."""
    return _shell
