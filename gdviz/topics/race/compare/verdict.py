"""Who leads a comparison, in words, and whether the lead survives the bands over starts."""

from typing import NamedTuple

import numpy as np

from gdviz.numerals import number
from gdviz.optimize import LABELS
from gdviz.optimize.profiles import paired_bands
from gdviz.topics.race.compare.settings import Compared

NAMED = 4  # methods that a sentence names


class Lead(NamedTuple):
    """Who leads, how far ahead of each other one with half the band, and whom it surely beats."""

    first: str
    ahead: dict[str, tuple[float, float]]
    beaten: tuple[str, ...]


def lead_of(done: Compared) -> Lead:
    """Return who has the largest area, with intervals of 95 % for all pairs together."""
    first = int(np.argmax(done.scores.mean(axis=1)))
    bands = paired_bands(done.scores)
    others = [i for i in range(len(done.methods)) if i != first]
    ahead = {
        done.methods[i]: (
            float(bands.mean[first, i]),
            float(bands.mean[first, i] - bands.low[first, i]),
        )
        for i in sorted(others, key=lambda i: bands.mean[first, i])
    }
    beaten = tuple(name for name, (gap, half) in ahead.items() if gap > half)
    return Lead(done.methods[first], ahead, beaten)


def verdict_on(done: Compared) -> str:
    """Say who leads, and whether its lead survives the bands."""
    lead, starts = lead_of(done), done.scores.shape[1]
    area = number(float(done.scores.mean(axis=1).max()), 3)
    if not done.hits.size or not np.isfinite(done.hits).any():
        return "No method meets a single target: there is nothing to compare."
    if not lead.ahead:
        return f"{LABELS[lead.first]} alone, with an area of {area}: choose another to compare."
    names = [name for name in lead.ahead if name not in lead.beaten]
    head = f"{LABELS[lead.first]} leads, with an area of {area} under its runtime distribution"
    close = ", ".join(
        _gap(name, lead) for name in (names or list(lead.ahead))[: NAMED if names else 1]
    )
    if not names:
        return (
            f"{head}. Its lead over each of the others survives the bands over {starts} starts; "
            f"the nearest: {close}."
        )
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    if not lead.beaten:
        return f"{head}, but no lead of it survives the bands over {starts} starts: {close}{more}."
    return (
        f"{head}. Its lead over {len(lead.beaten)} of {len(lead.ahead)} survives the bands over "
        f"{starts} starts, but not that over {close}{more}."
    )


def _gap(name: str, lead: Lead) -> str:
    gap, half = lead.ahead[name]
    return f"{LABELS[name]} ({number(gap, 2)} ± {number(half, 2)})"
