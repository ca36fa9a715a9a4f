"""The picture of *descent* or of the race the ordinary way: `st.plotly_chart`, a slider for η.

The link takes the settings of the page without its prefix: `/?page=race&methods=gd&steps=300`.
"""

import dataclasses
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from gdviz.figures.descent import curve, descent_scene
from gdviz.figures.landscape import contour
from gdviz.figures.race import race_scene
from gdviz.figures.still import still
from gdviz.knobs import from_query, replace
from gdviz.optimize import local_minima
from gdviz.topics import descent, race
from gdviz.topics.descent import Descent
from gdviz.topics.race import Race
from gdviz.topics.race_rates import landmarks

RATES = np.geomspace(1e-5, 10.0, 101)  # the hundred places of the dial


def picture(settings: Any, rate: float) -> go.Figure:
    """Return the whole picture of a page, the rate of its first method changed."""
    if isinstance(settings, Race):
        spec = dataclasses.replace(settings, hyper=(("gd", (("lr", rate),)),))
        problem = race.problem_of(spec)
        return still(contour(problem, landmarks(problem)), race_scene(race.run(spec), spec))
    spec = replace(settings, lr=rate)
    problem, runs = descent.problem_of(spec), descent.run(spec)
    lo, hi = problem.box[0]
    background = curve(problem, lo, hi, local_minima(problem, lo, hi))
    return still(background, descent_scene(runs))


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
