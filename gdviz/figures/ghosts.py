"""What a pinned run leaves on a stage: its paths in grey, and how it ended, in words."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from gdviz.figures.scene import Layer, Line, Reading, Scene, Track
from gdviz.figures.style import GREY
from gdviz.numerals import number


class PinnedRun(NamedTuple):
    """A run without its scene: its paths as ghosts, and its last readings and verdicts by name."""

    ghosts: tuple[Track, ...]
    told: dict[str, str]


def pinned_run(scene: Scene) -> PinnedRun:
    """Return what is kept of a scene."""
    ghosts = tuple(ghost for layer in scene.layers for ghost in _ghost(layer))
    readings = [layer for layer in scene.layers if isinstance(layer, Reading)]
    told = {reading.name: number(np.ravel(reading.values)[-1]) for reading in readings}
    return PinnedRun(ghosts, told | {chip.name: chip.verdict for chip in scene.chips})


def with_ghosts(scene: Scene, pinned: Sequence[tuple[str, PinnedRun]]) -> Scene:
    """Return a scene with the ghosts of pinned runs below it, each under the name of its run."""
    ghosts = [
        ghost._replace(name=f"{name}: {ghost.name}")
        for name, kept in pinned
        for ghost in kept.ghosts
    ]
    return scene._replace(layers=[*ghosts, *scene.layers]) if ghosts else scene


def _ghost(layer: Layer) -> list[Track]:
    """Return a path, or a curve that grew to the right, as a ghost; of other layers none.

    A walk that returns to where it was would cover the picture.
    """
    look: dict[str, Any] = {"color": GREY, "dash": "dot", "symbol": "open", "kind": "ghost"}
    if isinstance(layer, Track) and layer.kind == "track" and not layer.tail:
        return [layer._replace(**look)]
    if isinstance(layer, Line) and len(layer.x) > 1:
        x, y = np.asarray(layer.x)[-1], np.asarray(layer.y)[-1]
        if np.all(np.diff(x) > 0):
            return [Track(layer.name, x, y, panel=layer.panel)._replace(**look)]
    return []
