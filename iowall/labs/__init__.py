"""The labs: the only place where numbers, models and pictures meet, and where work is kept."""

from importlib import import_module


def open_lab(name, /, **settings):
    """The lab of one part, by the word by which the part goes everywhere.

    `settings` open it at a track and at settings of its workbench (see `iowall.labs.links`).

    Imports only that lab, since in a browser each import is waited for.
    """
    return import_module(f"iowall.labs.{name}").lab(settings)
