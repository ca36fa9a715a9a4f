"""The legend with the outcome: for each method a chip with its line, marker and verdict."""

from collections.abc import Mapping
from typing import Any

from gdviz.figures.scene import Chip
from gdviz.figures.style import LOOKS, Look
from gdviz.optimize import LABELS

_LINES = {"solid": "━{}━", "dash": "╍{}╍", "dot": "┅{}┅", "dashdot": "╍{}┅"}
_MARKERS = {"circle": "●", "square": "■", "diamond": "◆", "triangle": "▲"}
SIGNS = {
    "converged": "✓",
    "diverged": "✕",
    "oscillating": "↔",
    "stationary": "■",
    "stopped early": "!",
    "step limit": "…",
}


def legend(runs: Mapping[str, Any]) -> tuple[Chip, ...]:
    """Return a chip per run, in order."""
    return tuple(
        Chip(
            LABELS[name],
            sample(LOOKS[name]),
            LOOKS[name].color,
            f"{SIGNS[run.status]} {run.verdict}",
            run.reason,
        )
        for name, run in runs.items()
    )


def sample(look: Look) -> str:
    """Return the line and the marker of a method as characters."""
    return _LINES[look.dash].format(_MARKERS[look.symbol])
