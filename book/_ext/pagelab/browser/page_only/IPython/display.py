"""See IPython."""


def display(*objects, **kwargs):
    """Refuse: a lab in the page is the widget that ``open_lab`` returns."""
    raise RuntimeError("A lab in a page returns its widget; display works in the notebooks.")


def clear_output(wait=False):
    """Refuse, as ``display`` does."""
    raise RuntimeError("A lab in a page has no output to clear; clear_output works in notebooks.")
