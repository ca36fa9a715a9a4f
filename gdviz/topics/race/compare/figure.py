"""The stage of a comparison: runtime distributions with their bands, and performance profiles."""

import numpy as np
import plotly.graph_objects as go

from gdviz.figures.hand import Hand
from gdviz.figures.legend import chip
from gdviz.figures.scene import Chip, Layer, Picture, Polygon, Scene, Track
from gdviz.figures.style import base_layout, looks_of
from gdviz.knobs import KnobError
from gdviz.numerals import number
from gdviz.optimize.profiles import performance_profile
from gdviz.queries import from_query
from gdviz.topics.race.compare.settings import (
    AT_ONCE,
    Compare,
    Compared,
    budgets_of,
    label_of,
    ratios_of,
    run,
    runtime_band,
    summary,
    times_of,
    work_asked,
)
from gdviz.topics.race.compare.verdict import verdict_on

SIDES = ([0.0, 0.46], [0.56, 1.0])
BANDS = 6  # methods whose bands are drawn: of more, those that lead


def picture(spec: Compare, large: bool = False) -> Picture:
    """Return the picture of the room at its settings."""
    done = run(spec)
    return Picture(background(done, large), compare_scene(done))


def live_scene(query: str, hand: Hand | None = None) -> Scene:
    """Return the scene of the settings in a query; raise `KnobError` if it would take a bar."""
    spec = from_query(Compare, query)
    if work_asked(spec) > AT_ONCE:
        raise KnobError("This comparison takes too long to be made at once.")
    return compare_scene(run(spec))


def background(done: Compared, large: bool = False) -> go.Figure:
    """Return the empty panels: shares over evaluations, and over ratios to the best."""
    wide = [-0.02 * np.log10(done.budget), 1.02 * np.log10(done.budget)]
    titles = "evaluations", "evaluations / those of the best"
    log = {"type": "log", "range": wide, "dtick": 1, "exponentformat": "power"}
    share = {"range": [-0.02, 1.02]}
    axes = {
        "xaxis": {"title": {"text": titles[0]}, "domain": SIDES[0], **log},
        "yaxis": {"title": {"text": "targets met"}, **share},
        "xaxis2": {"title": {"text": titles[1]}, "domain": SIDES[1], "anchor": "y2", **log},
        "yaxis2": {"title": {"text": "problems solved"}, "anchor": "x2", **share},
    }
    traces = [
        go.Scatter(x=[None], y=[None]),
        go.Scatter(x=[None], y=[None], xaxis="x2", yaxis="y2"),
    ]
    return go.Figure(traces, base_layout(large, **axes))


def compare_scene(done: Compared) -> Scene:
    """Return the curves of all methods; a step of the scene is a larger budget."""
    looks, budgets, ratios = looks_of(done.methods), budgets_of(done), ratios_of(done)
    profiles = performance_profile(times_of(done), ratios)
    layers: list[Layer] = []
    tracks: list[Layer] = []
    order = np.argsort(-done.scores.mean(axis=1))
    for i, name in enumerate(done.methods):
        band, look = runtime_band(done, i), looks[name]
        if i in order[:BANDS]:
            x = np.concatenate([budgets, budgets[::-1]])[None]
            y = np.concatenate([band.low, band.high[::-1]])[None]
            layers.append(Polygon(f"{label_of(done, name)}, band", x, y, look.color, opacity=0.1))
        for panel, (x, y) in enumerate(((budgets, band.mean), (ratios, profiles[i]))):
            labels = ("evaluations", "targets met") if panel == 0 else ("ratio", "problems solved")
            track = Track(
                label_of(done, name), x, y, look.color, look.dash, look.symbol, panel, labels
            )
            tracks.append(track)
    bands = tuple(layer.name for layer in layers)
    return Scene([*layers, *tracks], (), _alt(done), _chips(done), ends=bands)


def _chips(done: Compared) -> tuple[Chip, ...]:
    looks, ends = looks_of(done.methods), summary(done)
    found = []
    for name, end in ends.items():
        score, low, solved = (float(end[k][0]) for k in ("score", "score_low", "solved"))
        reason = f"Area {number(score, 3)} ± {number(score - low, 2)}; {solved:.0%} solved."
        found.append(chip(label_of(done, name), looks[name], number(score, 2), reason))
    return tuple(found)


def _alt(done: Compared) -> str:
    there = f"{len(done.methods)} methods on {len(done.surfaces)} surfaces"
    return f"Runtime distributions and performance profiles of {there}. {verdict_on(done)}"
