"""The knobs of a line: its points, its loss, its optimizer."""

from dataclasses import replace

import numpy as np
import streamlit as st

from gdviz.numerals import number
from gdviz.topics.regression import settings as topic
from gdviz.topics.regression.fit import run
from gdviz.topics.regression.settings import OWN, STATISTICS, LineSettings
from gdviz.ui.controls import MORE_KNOBS, Controls, key_of, restore_from_query, write
from gdviz.ui.dial import Mark

PAGE = "regression"


ANEW = ("line", "curve", "heteroscedastic", "outliers")  # made by a seed
MORE = ("n", "noise", "seed", "method", "schedule", "size", "steps", "stop", "level", "w0", "b0")


def write_line(spec: LineSettings) -> None:
    """Write what a hand can change: the points and the visitor's line."""
    write(PAGE, {name: getattr(spec, name) for name in ("data", "points", "w0", "b0")})


def controls() -> LineSettings:
    """Draw the knobs; return the settings."""
    knobs = Controls(LineSettings, PAGE, live=True)
    knobs.draw("data")
    own_points(knobs)
    if knobs.values["data"] in ANEW:
        st.button("Draw the points anew", key=f"{PAGE}_anew", on_click=draw_anew)
    knobs.beside("held", "degree")
    knobs.draw("kinds")
    if knobs.draw("loss") == "huber":
        knobs.draw("delta", with_dial=False)
    knobs.draw("scale", on_change=keep_share)
    with knobs.menu("more", *MORE_KNOBS):
        for name in MORE:
            knobs.draw(name, with_dial=name == "noise")
    knobs.values["statistic"] = statistic_asked(knobs)
    eigen = run(knobs.spec()).eigen
    marks = [Mark(value, label) for value, label in topic.rate_marks(eigen, knobs.values["method"])]
    knobs.draw("lr", marks=marks, window=topic.rate_window(eigen))
    st.caption(f"κ = {number(eigen.condition, 3)}, 2/L = {number(eigen.edge, 3)}")
    return knobs.spec()


def draw_anew() -> None:
    """Take the next seed."""
    seed = int(st.session_state.get(key_of(PAGE, "seed"), 0))
    write(PAGE, {"seed": (seed + 1) % 10_000})


def own_points(knobs: Controls) -> None:
    """Take the visitor's points from the link or the session; they have no widget of their own."""
    knob, key = knobs.knobs["points"], key_of(PAGE, "points")
    restore_from_query(knob, key)
    text = str(st.session_state.get(key, ""))[: knob.kind.most]  # type: ignore[union-attr]
    knobs.values["points"] = text if knobs.values["data"] == OWN else ""


def statistic_asked(knobs: Controls) -> str:
    """Return the statistic that was clicked, or that a link names."""
    knob, key = knobs.knobs["statistic"], key_of(PAGE, "statistic")
    restore_from_query(knob, key)
    asked = st.session_state.get(key, knob.default)
    chosen = asked if asked in STATISTICS else knob.default
    return str(chosen)


def keep_share() -> None:
    """Standardising changes 2/L; the rate keeps its share of it."""
    spec: LineSettings | None = st.session_state.get("regression_before")
    if spec is None:
        return
    before, after = (
        run(spec).eigen.edge,
        run(replace(spec, scale=not spec.scale)).eigen.edge,
    )
    if np.isfinite(before) and np.isfinite(after):
        write(PAGE, {"lr": float(f"{np.clip(spec.lr * after / before, 1e-5, 10.0):.3g}")})
