"""The picture of *descent* or *race* as an ordinary app shows it: `st.plotly_chart` and a slider.

The link has the page's settings, without their prefix: `/?page=race&methods=gd&steps=300`.
"""

import dataclasses
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from gdviz.figures.landscape import contour
from gdviz.figures.static import static_figure
from gdviz.knobs import replace
from gdviz.optimize import local_minima
from gdviz.queries import from_query
from gdviz.topics.descent import settings as descent
from gdviz.topics.descent.figure import curve, descent_scene
from gdviz.topics.descent.settings import Descent
from gdviz.topics.race import settings as race
from gdviz.topics.race.figure import race_scene
from gdviz.topics.race.rates import landmarks
from gdviz.topics.race.settings import Race

RATES = np.geomspace(1e-5, 10.0, 101)  # the positions of the dial


def picture(settings: Any, rate: float) -> go.Figure:
    """Return the picture of a page, with another learning rate for its first method."""
    if isinstance(settings, Race):
        spec = dataclasses.replace(settings, hyper=(("gd", (("lr", rate),)),))
        problem = race.problem_of(spec)
        return static_figure(contour(problem, landmarks(problem)), race_scene(race.run(spec), spec))
    spec = replace(settings, lr=rate)
    problem, runs = descent.problem_of(spec), descent.run(spec)
    lo, hi = problem.box[0]
    background = curve(problem, lo, hi, local_minima(problem, lo, hi))
    return static_figure(background, descent_scene(runs))


@st.fragment
def part(settings: Any) -> None:
    """Draw the slider and the whole picture."""
    rate = float(RATES[st.slider("k", 0, 100, 62)])
    figure = picture(settings, rate)
    figure.update_layout(title_text=f"η = {rate:.4g}")
    st.plotly_chart(figure, height=400, key="chart")


st.title("Chart")
asked = {name: st.query_params.get_all(name) for name in st.query_params}
part(from_query(Race if asked.get("page") == ["race"] else Descent, asked))
