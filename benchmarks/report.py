"""The report of a measurement: rows of a Markdown table, and the machine."""

import os
import platform
from collections.abc import Sequence
from importlib.metadata import version
from typing import NamedTuple

PACKAGES = ("numpy", "numba", "plotly", "streamlit", "uvicorn")
HEAD = ("what", "ours", "theirs", "ratio", "goal", "met")


class Goal(NamedTuple):
    """A bound on the ratio, or on our own figure where there is no rival."""

    sign: str
    bound: float
    of_ratio: bool = True

    def is_met(self, ours: float, theirs: float | None) -> bool:
        """Tell whether the figures keep to the bound."""
        value = ours / theirs if self.of_ratio and theirs else ours
        return value <= self.bound if self.sign == "≤" else value >= self.bound


class Row(NamedTuple):
    """One comparison; `rival` names the other side."""

    what: str
    unit: str
    ours: float
    theirs: float | None = None
    rival: str = ""
    goal: Goal | None = None


def table(rows: Sequence[Row]) -> str:
    """Return the rows as a Markdown table."""
    lines = [HEAD, ("---",) * len(HEAD), *map(_cells, rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _cells(row: Row) -> tuple[str, ...]:
    theirs = f"{row.theirs:.3g} {row.unit} ({row.rival})" if row.theirs is not None else "–"
    ratio = f"{row.ours / row.theirs:.2f}" if row.theirs else "–"
    return row.what, f"{row.ours:.3g} {row.unit}", theirs, ratio, *_verdict(row)


def _verdict(row: Row) -> tuple[str, str]:
    if row.goal is None:
        return "–", "–"
    unit = "× theirs" if row.goal.of_ratio else row.unit
    met = row.goal.is_met(row.ours, row.theirs)
    return f"{row.goal.sign} {row.goal.bound:g} {unit}", "yes" if met else "**no**"


def machine() -> str:
    """Describe the machine of the figures."""
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    system = f"{platform.system()} {platform.machine()}"
    return f"{os.cpu_count()} CPUs, {system}, Python {platform.python_version()}, {versions}"


def load() -> str:
    """Return the machine's load of the last minute, where it is known."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
