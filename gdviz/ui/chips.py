"""The legend that says how it went: a chip per method with its line, its marker and its verdict."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from gdviz.figures.style import LOOKS, Look
from gdviz.optimize import LABELS

_LINES = {"solid": "━{}━", "dash": "╍{}╍", "dot": "┅{}┅", "dashdot": "╍{}┅"}
_MARKERS = {"circle": "●", "square": "■", "diamond": "◆", "triangle": "▲"}
_SIGNS = {
    "converged": "✓",
    "diverged": "✕",
    "oscillating": "↔",
    "stationary": "■",
    "stopped early": "!",
    "step limit": "…",
}
_CSS = """<style>
.gd-chips { display: flex; flex-wrap: wrap; gap: .3rem .6rem; font-size: .92rem; }
.gd-chip { display: inline-flex; align-items: center; gap: .4rem; padding: .1rem .6rem;
  border: 1px solid var(--st-border-color, rgba(128,128,128,.35)); border-radius: 1rem; }
</style>"""


def chips(runs: Mapping[str, Any]) -> None:
    """Draw the chips; all their words are ours, none a visitor's."""
    body = "".join(_chip(name, run) for name, run in runs.items())
    # Room for two rows from the start: the stage below must not jump while a knob moves.
    room = ' style="min-height: 4.2rem"' if len(runs) > 2 else ""
    st.html(f'{_CSS}<div class="gd-chips" role="status"{room}>{body}</div>')


def _chip(name: str, run: Any) -> str:
    sign = _SIGNS[run.status]
    return (
        f'<span class="gd-chip" title="{run.reason}">{_sample(LOOKS[name])}'
        f"<span>{LABELS[name]}: <b>{sign} {run.verdict}</b></span></span>"
    )


def _sample(look: Look) -> str:
    """The line and the marker of a method, in letters: st.html strips SVG."""
    sample = _LINES[look.dash].format(_MARKERS[look.symbol])
    return f'<span style="color: {look.color}">{sample}</span>'
