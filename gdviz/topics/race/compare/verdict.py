"""Who leads a comparison, in words, and whether the lead survives the bands over starts."""

from typing import NamedTuple

import numpy as np

from gdviz.numerals import number
from gdviz.optimize import LABELS
from gdviz.optimize.profiles import paired_bands
from gdviz.topics.race.compare.settings import Compared

NAMED = 4  # methods that a sentence names
LEVEL = 1e-12  # of an area: two so near are alike but for rounding


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
    beaten = tuple(name for name, (gap, half) in ahead.items() if gap > max(half, LEVEL))
    return Lead(done.methods[first], ahead, beaten)


def verdict_on(done: Compared) -> str:
    """Say who leads, inside what, and whether the lead survives the bands."""
    told = _verdict(done)
    return f"Each inside {done.loop}: {told}" if done.loop else told


def _verdict(done: Compared) -> str:
    lead, starts = lead_of(done), done.scores.shape[1]
    area = number(float(done.scores.mean(axis=1).max()), 3)
    if not done.hits.size or not np.isfinite(done.hits).any():
        return "No method meets a single target: there is nothing to compare."
    if not lead.ahead:
        return f"{LABELS[lead.first]} alone, with an area of {area}: choose another to compare."
    behind = [name for name, (gap, _) in lead.ahead.items() if gap > LEVEL]
    level = [name for name in lead.ahead if name not in behind]
    who = " and ".join(LABELS[name] for name in (lead.first, *level))
    if not behind:
        return f"{who} are level, with an area of {area} under each runtime distribution."
    leads = "are level and lead" if level else "leads"
    head = f"{who} {leads}, with an area of {area} under {'each' if level else 'its'} runtime"
    return f"{head} distribution{_survives(lead, behind, starts)}."


def _survives(lead: Lead, behind: list[str], starts: int) -> str:
    """Return the end of a verdict: which leads over those behind survive the bands."""
    over = f"the bands over {starts} starts"
    names = [name for name in behind if name not in lead.beaten]
    if not names:
        nearest = _gap(behind[0], lead)
        return f". The lead over each of the others survives {over}; the nearest: {nearest}"
    close = ", ".join(_gap(name, lead) for name in names[:NAMED])
    close += f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    if not lead.beaten:
        return f", but no lead survives {over}: {close}"
    share = f"{len(lead.beaten)} of {len(behind)}"
    return f". The lead over {share} survives {over}, but not that over {close}"


def _gap(name: str, lead: Lead) -> str:
    gap, half = lead.ahead[name]
    return f"{LABELS[name]} ({number(gap, 2)} ± {number(half, 2)})"
