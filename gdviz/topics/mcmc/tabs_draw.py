"""One draw of the chain that is watched: its test in numbers, the energy along its path."""

import numpy as np
import streamlit as st

from gdviz.probability.states import HMCState
from gdviz.topics.mcmc import charts_flight as charts
from gdviz.topics.mcmc import settings as topic
from gdviz.topics.mcmc.hamiltonian import flight
from gdviz.topics.mcmc.settings import Mcmc, McmcResult
from gdviz.ui.chart import chart
from gdviz.ui.lecture import lecture_mode

HEIGHT = 360


def flight_view(spec: Mcmc, seen: McmcResult, step: int) -> None:
    """Draw the energy along the path of the draw that the stage shows."""
    draw, chain = draw_at(spec, seen, max(step, 1)), topic.watched_of(spec)
    if not isinstance(seen.states, HMCState):
        st.info("A path of leapfrogs belongs to HMC and MALA: choose one of them.")
        return
    found = flight(seen, draw, chain)
    if found is None:
        st.info(
            f"{len(seen.states.path)} draws after draw {seen.first} keep their paths: go to one."
        )
        return
    figure = charts.flight_chart(seen.trace.target, found, lecture_mode())
    alt = "The energy along a leapfrog path, and the path with the level of the Hamiltonian."
    chart(figure, height=HEIGHT, key="mcmc_flight", alt=alt)
    st.caption(f"Chain {chain + 1}, draw {draw}. {charts.flight_words(found)}")


def draw_at(spec: Mcmc, seen: McmcResult, step: int) -> int:
    """Return the draw that the stage shows at a step."""
    shown = topic.draws_shown(spec, len(seen.x))
    return int(shown[min(step, len(shown) - 1)])


def one_test(seen: McmcResult, draw: int, chain: int) -> None:
    """Show the arithmetic of a chain's test at a draw (1, 2, ...)."""
    t, s = draw - 1, seen.states
    log_alpha, log_u = float(s.log_alpha[t, chain]), float(s.log_u[t, chain])
    before = (
        s.log_density[t - 1, chain] if t else seen.trace.target.log_density(seen.trace.start[chain])
    )
    alpha = float(np.exp(min(0.0, log_alpha))) if not np.isnan(log_alpha) else 0.0
    sign, word = (">", "accepted") if s.accepted[t, chain] else (r"\le", "rejected")
    st.markdown(f"**Chain {chain + 1}, draw {draw}**")
    st.latex(
        rf"\log p = {float(before):.4g}, \qquad "
        rf"\log p' = {float(s.log_density_proposal[t, chain]):.4g}"
    )
    st.latex(
        rf"\alpha = \min(1, e^{{{log_alpha:.4g}}}) = {alpha:.4g} \;{sign}\; "
        rf"u = {np.exp(log_u):.4g} \;\Rightarrow\; \text{{{word}}}"
    )
