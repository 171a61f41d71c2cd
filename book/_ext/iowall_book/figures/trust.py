"""The still of the trust page: every row of its tables at once."""

from collections import Counter

import numpy as np

from iowall.trust import AGREES, HOLDS, MISS, ROWS, TOLERANCE
from iowall.units import number
from iowall.views.theme import COMPUTE, TRANSFER, WAIT

from .canvas import INK, chart, ticks

_MARKS = {AGREES: ("o", COMPUTE), HOLDS: ("D", TRANSFER), MISS: ("x", WAIT)}


def trust_scatter():
    """Modelled over published, for every row, by kind."""
    figure, axes = chart(
        "modelled / published", "○ agrees   ◇ bound holds   × misses", log="x", height=4.8
    )
    axes.axvline(1, color=INK, lw=1.2)
    top, middles = 0, []
    for kind in TOLERANCE:
        off = [np.log(row.modelled / row.published) for row in ROWS if row.kind == kind]
        piles = Counter(round(value / 0.06) for value in off)  # marks that would hide each other
        middle, level = top + max(piles.values()) / 2, Counter()
        for row in sorted((row for row in ROWS if row.kind == kind), key=lambda row: row.verdict):
            ratio = row.modelled / row.published
            pile = round(np.log(ratio) / 0.06)
            y = middle + level[pile] - (piles[pile] - 1) / 2
            level[pile] += 1
            mark, colour = _MARKS[row.verdict]
            axes.plot(ratio, y, mark, color=colour, mfc="none", markersize=4.5, mew=1.3)
        middles.append(middle)
        top += max(piles.values()) + 3
    axes.set_yticks(middles, [kind.replace(" ", "\n", 1) for kind in TOLERANCE])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_ylim(top - 1.5, -1.5)
    ticks(axes.xaxis, [0.5, 1, 2, 4], number)
    axes.set_xlim(0.33, 4.6)
    verdicts = Counter(row.verdict for row in ROWS)
    missed = sum(row.kind == "prediction" and row.verdict == MISS for row in ROWS)
    predictions = sum(row.kind == "prediction" for row in ROWS)
    return (
        figure,
        f"Of {len(ROWS)} published results the models agree with {verdicts[AGREES]}, hold as a "
        f"bound in {verdicts[HOLDS]} and miss {verdicts[MISS]}. Most formulas and unit checks "
        f"lie on the line of equality; of {predictions} predictions {missed} miss, by up "
        f"to a factor of {number(max(row.modelled / row.published for row in ROWS))}.",
        "Each mark is one row of the tables: what the model says over what was published, by kind. "
        "On the line the two are equal.",
    )


STILLS = (trust_scatter,)
