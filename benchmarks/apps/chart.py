"""The picture of the page *descent* the ordinary way: `st.plotly_chart` and a slider for η.

The link takes the settings of the page without its prefix: `/?methods=gd&methods=adam&steps=300`.
"""

import numpy as np
import streamlit as st

from gdviz.figures.descent import curve, descent_scene
from gdviz.figures.still import still
from gdviz.knobs import from_query, replace
from gdviz.optimize import local_minima
from gdviz.topics import descent as topic
from gdviz.topics.descent import Descent

RATES = np.geomspace(1e-5, 10.0, 101)  # the hundred places of the dial


@st.fragment
def part(settings: Descent) -> None:
    """Draw the slider and the whole picture."""
    rate = float(RATES[st.slider("k", 0, 100, 62)])
    spec = replace(settings, lr=rate)
    problem, runs = topic.problem_of(spec), topic.run(spec)
    lo, hi = problem.box[0]
    background = curve(problem, lo, hi, local_minima(problem, lo, hi))
    figure = still(background, descent_scene(runs))
    figure.update_layout(title_text=f"η = {rate:.4g}")
    st.plotly_chart(figure, height=400, key="chart")


st.title("Chart")
part(from_query(Descent, {name: st.query_params.get_all(name) for name in st.query_params}))
