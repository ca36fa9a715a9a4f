"""The legend that says how it went: a chip per method with its line, its marker and its verdict."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from gdviz.figures.style import LOOKS, Look
from gdviz.optimize import LABELS

_DASHES = {"solid": "", "dash": "7 4", "dot": "2 3", "dashdot": "7 3 2 3"}
_MARKERS = {
    "circle": '<circle cx="16" cy="7" r="4.5"/>',
    "square": '<rect x="12" y="3" width="8" height="8"/>',
    "diamond": '<path d="M16 1l6 6-6 6-6-6z"/>',
    "triangle": '<path d="M16 1l6 11H10z"/>',
}
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
.gd-chip svg { flex: none; }
</style>"""


def chips(runs: Mapping[str, Any]) -> None:
    """Draw the chips; all their words are ours, none a visitor's."""
    body = "".join(_chip(name, run) for name, run in runs.items())
    st.html(f'{_CSS}<div class="gd-chips" role="status">{body}</div>')


def _chip(name: str, run: Any) -> str:
    sign = _SIGNS[run.status]
    return (
        f'<span class="gd-chip" title="{run.reason}">{_sample(LOOKS[name])}'
        f"<span>{LABELS[name]}: <b>{sign} {run.verdict}</b></span></span>"
    )


def _sample(look: Look) -> str:
    line = f'<path d="M0 7h32" stroke-width="2.5" stroke-dasharray="{_DASHES[look.dash]}"/>'
    return (
        f'<svg width="32" height="14" stroke="{look.color}" fill="{look.color}" aria-hidden="true">'
        f'{line}<g stroke="none">{_MARKERS[look.symbol]}</g></svg>'
    )
