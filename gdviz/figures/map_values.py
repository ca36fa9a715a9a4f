"""The values of a map, for a hand above it: `browser/map_values.js` reads what is said here."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go


class MapAxis(NamedTuple):
    """An axis of a map: its name, and its evenly spaced values, on a log axis by their logs."""

    name: str
    values: Any
    log: bool = False


class MapPart(NamedTuple):
    """What a map says at each place, `values (rows, columns)`: a number, or the words of a code.

    What is not-a-number, or an empty word, is not said.
    """

    values: Any
    before: str = ""
    after: str = ""
    words: Mapping[int, str] = {}


def with_values(
    figure: go.Figure, x: MapAxis, y: MapAxis | None, parts: Sequence[MapPart]
) -> go.Figure:
    """Return the figure with the values that it shows; without a y they depend on x alone."""
    said = {"x": _axis(x), "y": y and _axis(y), "parts": [_part(part) for part in parts]}
    return figure.update_layout(meta={"map": said})


def steps_parts(steps: Any, code: Any) -> list[MapPart]:
    """Return the parts of a map of runs: steps until converged, or how it ended instead."""
    ended = np.where(np.asarray(code) < 0, -2, -1)
    words = {-1: "does not converge in time", -2: "diverges"}
    return [MapPart(np.where(np.asarray(steps) >= 0, steps, ended), "", " steps", words)]


def _axis(axis: MapAxis) -> dict[str, Any]:
    ends = {"first": float(axis.values[0]), "last": float(axis.values[-1])}
    return {"name": axis.name, "n": len(axis.values), "log": axis.log, **ends}


def _part(part: MapPart) -> dict[str, Any]:
    """Return a part as text and base64: whole numbers as 16 bits, which Plotly need not read."""
    values = np.asarray(part.values)
    whole = values.dtype.kind in "iu" and np.abs(values).max(initial=0) < 2**15
    data = np.ascontiguousarray(values, "<i2" if whole else "<f4").tobytes()
    words = {str(code): word for code, word in part.words.items()}
    texts = {"before": part.before, "after": part.after, "words": words}
    return texts | {"whole": bool(whole), "data": base64.b64encode(data).decode()}
