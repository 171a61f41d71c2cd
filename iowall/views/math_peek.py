"""The equation with this moment's numbers put in, for those who ask."""

import ipywidgets as widgets

from iowall.views import theme


class MathPeek(theme.Instrument):
    """A button that opens equations, in letters and then in numbers; they follow the sliders."""

    kind, title = "math peek", "The equation"

    def __init__(self):
        self.toggle = widgets.ToggleButton(description="Show the equation", icon="")
        self._equations = widgets.HTML(layout=widgets.Layout(display="none"))
        super().__init__(name="iowall-math", picture=[self.toggle, self._equations])
        self.toggle.observe(self._open, names="value")

    def _open(self, change):
        self._equations.layout.display = None if change["new"] else "none"
        self.toggle.description = f"{'Hide' if change['new'] else 'Show'} the equation"

    def show(self, *, equations, meaning):
        """Put in new numbers.

        Parameters
        ----------
        equations : list of str
            MathML, one block each; `row`, `fraction` and their like below write it.
        meaning : str
            What they say, in a sentence.
        """
        blocks = "".join(f'<math display="block">{equation}</math>' for equation in equations)
        # On a phone it scrolls sideways: the keyboard must get there.
        self._equations.value = (
            '<div class="iowall-equations" tabindex="0" role="region" aria-label="Equation">'
            f"{blocks}</div>"
        )
        self.say(meaning)


def row(*parts):
    """Terms side by side; a string is a name, a number or an operator."""
    return f"<mrow>{''.join(_token(part) for part in parts)}</mrow>"


def fraction(above, below):
    """One row over another."""
    return f"<mfrac>{row(*_listed(above))}{row(*_listed(below))}</mfrac>"


def subscript(base, below):
    """A letter with an index."""
    return f"<msub>{_token(base)}<mtext>{below}</mtext></msub>"


def least(*terms):
    """The least of some terms."""
    listed = "<mo>,</mo>".join(row(*_listed(term)) for term in terms)
    return f'<mrow><mi>min</mi><mo stretchy="true">(</mo>{listed}<mo stretchy="true">)</mo></mrow>'


def most(*terms):
    """The greatest of some terms."""
    return least(*terms).replace("<mi>min</mi>", "<mi>max</mi>", 1)


def root(*parts):
    """The square root of a row."""
    return f"<msqrt>{row(*parts)}</msqrt>"


def _listed(part):
    return part if isinstance(part, (list, tuple)) else [part]


def _token(part):
    if part.startswith("<"):
        return part
    if part in "=≈+-·×/≥≤,":
        return f"<mo>{part}</mo>"
    if part[0].isdigit() or part[0] == "∞":
        return f"<mn>{part}</mn>"
    return f"<mi>{part}</mi>"
