"""Colours, lines and marks of a figure as options of TikZ, and curves cut to what TeX can hold."""

import re
from typing import Any

import numpy as np

from gdviz.export.panels import PanelBox

POINT = 72 / 96  # of a pixel
FAR = 15.0  # widths of a panel from it: beyond, TeX has no lengths
_MARKS = {
    "circle": "*", "circle-open": "o", "square": "square*", "square-open": "square",
    "diamond": "diamond*", "diamond-open": "diamond", "triangle-up": "triangle*",
    "triangle-up-open": "triangle", "x": "x", "x-thin-open": "x", "cross": "+", "star": "star",
}  # fmt: skip
_NAMES = {"black": (0, 0, 0), "white": (255, 255, 255), "grey": (128, 128, 128)}


def color_of(color: Any) -> str:
    """Return the name that a colour of CSS has in the file; black for what is none.

    >>> color_of("#0072B2"), color_of("rgba(0, 114, 178, 0.5)")
    ('gdviz0072B2', 'gdviz0072B2')
    """
    text = color if isinstance(color, str) else "black"
    if hexed := re.fullmatch(r"#([0-9a-fA-F]{2})([0-9a-fA-F]{2})([0-9a-fA-F]{2}).*", text):
        parts: Any = [int(part, 16) for part in hexed.groups()]
    elif numbers := re.findall(r"[\d.]+", text):
        parts = [round(float(part)) for part in numbers[:3]]
    else:
        parts = _NAMES.get(text, (0, 0, 0))
    return "gdviz" + "".join(f"{part:02X}" for part in parts)


def colors_in(text: str) -> list[str]:
    """Return the names of the colours that a file is drawn with, in their order."""
    return list(dict.fromkeys(re.findall(r"\bgdviz[0-9A-F]{6}\b", text)))


def line_of(color: Any, width: float | None, dash: str | None = None) -> str:
    """Return the options of a line of so many pixels; a dash is a list of them, or solid."""
    wide = f"line width={(width or 1.0) * POINT:.3g}bp"
    parts = re.findall(r"(?<![\d.])([\d.]++)px", dash or "")
    on_off = " ".join(
        f"{('on', 'off')[i % 2]} {float(part) * POINT:.3g}bp" for i, part in enumerate(parts)
    )
    return f"{wide}, color={color_of(color)}" + f", dash pattern={on_off}" * bool(parts)


def mark_of(symbol: Any, color: Any, size: float, edge: float | None) -> str:
    """Return the options of marks of so many pixels."""
    mark = _MARKS.get(symbol if isinstance(symbol, str) else "circle", "*")
    half = f"mark size={size / 2 * POINT:.3g}bp"
    return f"color={color_of(color)}, mark={mark}, {half}, mark options={{solid}}"


def clip_curve(x: np.ndarray, y: np.ndarray, window: PanelBox) -> tuple[np.ndarray, np.ndarray]:
    """Return a curve whose points far outside its panel are moved in along their line.

    Points in the panel, and near it, stay as they are.
    """
    plane = np.stack([_shares(x, window.x), _shares(y, window.y)], 1)
    near: np.ndarray = np.abs(plane - 0.5).max(axis=1) <= FAR
    gap: np.ndarray = ~np.isfinite(plane.sum(axis=1))
    if (near | gap).all():
        return np.where(gap, np.nan, x), np.where(gap, np.nan, y)
    made: list[np.ndarray] = []
    for i in range(len(x)):
        if near[i]:
            made.append(np.array([x[i], y[i]]))
            continue
        if i and near[i - 1] and not gap[i]:
            made.append(_drawn_in(plane[i - 1], plane[i], window))
        made.append(np.full(2, np.nan))
        if i + 1 < len(x) and near[i + 1] and not gap[i]:
            made.append(_drawn_in(plane[i + 1], plane[i], window))
    points = np.array(made).reshape(-1, 2)
    return points[:, 0], points[:, 1]


def _shares(values: np.ndarray, axis: Any) -> np.ndarray:
    """Return where values stand on an axis, from 0 to 1 inside."""
    lo, hi = axis.range
    with np.errstate(all="ignore"):
        return ((np.log10(values) if axis.type == "log" else values) - lo) / (hi - lo)


def _drawn_in(near: np.ndarray, far: np.ndarray, window: PanelBox) -> np.ndarray:
    """Return the point of the line from one point to another where it leaves what TeX can hold."""
    with np.errstate(all="ignore"):
        share = (0.5 + np.sign(far - near) * FAR - near) / (far - near)
    at = near + np.clip(np.nanmin(share), 0, 1) * (far - near)
    ends = []
    for place, axis in zip(at, (window.x, window.y), strict=True):
        lo, hi = axis.range
        value = lo + place * (hi - lo)
        ends.append(10.0**value if axis.type == "log" else value)
    return np.array(ends)
