"""The legend with the outcome: for each line a chip with its sample, name and verdict."""

from collections.abc import Mapping
from typing import Any

from gdviz.figures.scene import Chip
from gdviz.figures.style import Look, looks_of

_LINES = {"solid": "━{}━", "dash": "╍{}╍", "dot": "┅{}┅", "dashdot": "╍{}┅"}
_MARKERS = {"circle": "●", "square": "■", "diamond": "◆", "triangle": "▲"}
SIGNS = {
    "converged": "✓",
    "diverged": "✕",
    "oscillating": "↔",
    "stationary": "■",
    "stopped early": "!",
    "step limit": "…",
    "limit": "…",
    "left": "✕",
}


def legend(runs: Mapping[str, Any]) -> tuple[Chip, ...]:
    """Return a chip per run of a method, in order."""
    looks = looks_of(runs)
    return tuple(
        chip(run.title, looks[name], f"{SIGNS[run.status]} {run.verdict}", run.reason)
        for name, run in runs.items()
    )


def signed_status(run: Any) -> str:
    """Return how a run ended: its sign and its status."""
    return f"{SIGNS[run.status]} {run.status}"


def chip(name: str, look: Look, verdict: str, reason: str) -> Chip:
    """Return the chip of a line: its sample shows the look that the line is drawn with."""
    sample = _LINES[look.dash].format(_MARKERS.get(look.symbol, ""))
    return Chip(name, sample, look.color, verdict, reason)
