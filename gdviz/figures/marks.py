"""A scene as a file shows it: what the hand could drag is drawn as a mark, tools are left out."""

from itertools import groupby
from typing import Any

import numpy as np

from gdviz.figures.scene import Handle, Labels, Layer, Points, Scene

INK = "#222222"


def with_marks(scene: Scene) -> Scene:
    """Return a scene without handles: data and starts are points, buttons of the stage are gone."""
    shown = [handle for handle in scene.handles if handle.drawn and not handle.tool]
    layers = [layer for layer in scene.layers if not getattr(layer, "tool", False)]
    return scene._replace(layers=[*layers, *_marks(shown), *_names(shown)], handles=())


def _look(handle: Handle) -> tuple[Any, ...]:
    return handle.panel, handle.color or "", handle.size


def _marks(handles: list[Handle]) -> list[Layer]:
    """Return a layer of points for each look of the handles, in their order."""
    drawn: list[Layer] = []
    for (panel, color, size), group in groupby(handles, _look):
        x, y = np.array([(handle.x, handle.y) for handle in group]).T
        symbol, radius = ("circle", 0.75 * size) if color else ("open", 0.75 * size)
        drawn.append(
            Points("", x[None], y[None], color or INK, symbol, panel, np.full((1, len(x)), radius))
        )
    return drawn


def _names(handles: list[Handle]) -> list[Layer]:
    """Return the names of the handles, to the right of each."""
    return [
        Labels("", [[h.x]], [[h.y]], ((f"\u00a0\u00a0{h.label}",),), panel=h.panel, align="left")
        for h in handles
        if h.label
    ]
