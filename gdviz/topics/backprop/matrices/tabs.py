"""The tabs of the room *matrices*."""

import numpy as np
import streamlit as st

from gdviz.export.tables import csv_of
from gdviz.numerals import number
from gdviz.optimize import matrix_rules
from gdviz.topics.backprop.controls import PAGE
from gdviz.topics.backprop.matrices import charts
from gdviz.topics.backprop.matrices import settings as topic
from gdviz.topics.backprop.matrices.figure import seen_name
from gdviz.topics.backprop.matrices.iteration import rounds_at
from gdviz.topics.backprop.matrices.program import as_python
from gdviz.topics.backprop.matrices.settings import RACERS, Matrices, MatricesRun
from gdviz.topics.backprop.matrices.verdict import steps_to_learn, verdict_of
from gdviz.ui.chart import chart
from gdviz.ui.code_tab import program_and_sources
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.page_state import PageState, PageTabs
from gdviz.ui.pitfall_tab import pitfalls
from gdviz.ui.rooms import view
from gdviz.ui.tables import show_table
from gdviz.ui.words import words

VIEWS = {
    "loss": "Losses",
    "directions": "Directions of the update",
    "layers": "Singular values of a layer",
    "rounds": "Newton–Schulz, round by round",
}
HEIGHT = 330


def outputs(drawn: PageState) -> PageTabs:
    """The tabs under the stage, and what the share menu gives away."""
    spec, done = drawn.spec, drawn.runs
    panels = {
        "Curves": lambda: curves(spec, done, drawn.step),
        "Numbers": lambda: numbers(done),
        "Maths": lambda: maths(spec, done, drawn.step),
        "Code": lambda: program_and_sources(
            as_python(spec),
            {"Newton–Schulz": matrix_rules.newton_schulz, "Muon": matrix_rules.muon,
             "Shampoo": matrix_rules.shampoo, "SOAP": matrix_rules.soap},
        ),
        "Pitfalls": lambda: pitfalls("backprop_matrices"),
    }  # fmt: skip
    return PageTabs(panels, lambda: as_python(spec), lambda: csv_of(topic.numbers(done)))


def curves(spec: Matrices, done: MatricesRun, step: int) -> None:
    """Draw the view that is chosen."""
    chosen, large = view(PAGE, VIEWS), lecture_mode()
    if chosen == "rounds":
        return rounds(spec, done, step)
    if chosen == "loss":
        said, figure = "The loss over the steps, from the same start.", charts.losses(done, large)
    elif chosen == "directions":
        said = (
            f"In how many directions an update of {seen_name(spec)} goes: its stable rank Σσ²/σ₁², "
            "1 if one singular value is all of it, and their number if they are equal."
        )
        figure = charts.directions(done, large)
    else:
        said = f"The singular values of {seen_name(spec)} itself."
        figure = charts.layers(done, seen_name(spec), large)
    st.caption(said)
    chart(figure, height=HEIGHT, key=f"{PAGE}_matrices_{chosen}", alt=said)


def rounds(spec: Matrices, done: MatricesRun, step: int) -> None:
    """Draw what each round of Newton–Schulz makes of Muon's mean gradient at the step shown."""
    if "muon" not in done.runs:
        st.info("Choose Muon among the methods: Newton–Schulz is the inside of its step.")
        return
    found, large = rounds_at(spec, done.runs["muon"], step), lecture_mode()
    first, last = found.values[0], found.values[-1]
    st.caption(
        f"The update of {seen_name(spec)} that follows the step shown on the stage. X₀ is the mean "
        f"of the gradients over its length, with σ from {number(first[-1], 2)} to "
        f"{number(first[0], 2)}. After {spec.rounds} rounds they are {number(last.min(), 2)} to "
        f"{number(last.max(), 2)}; the singular vectors are the same."
    )
    alt = "The matrix of every round as colours, and the orthogonal matrix that it comes near."
    chart(charts.matrices(found, large), height=170, key=f"{PAGE}_matrices_cells", alt=alt)
    alt = "The singular values over the rounds of Newton–Schulz."
    chart(charts.rounds(found, large), height=HEIGHT, key=f"{PAGE}_matrices_rounds", alt=alt)


def numbers(done: MatricesRun) -> None:
    """Draw the verdicts, when each singular value is learned, and the table of each method."""
    for name, one in done.runs.items():
        st.markdown(f"**{verdict_of(name, one, done.target)}**")
    steps = {
        RACERS[name]: [str(k) if k >= 0 else "not yet" for k in steps_to_learn(one, done.target)]
        for name, one in done.runs.items()
    }
    st.caption(
        "The step from which on the strength uᵀWv of each singular value of the target stays "
        "within a tenth of it."
    )
    show_table({"σ of the target": done.target, **steps}, hide_index=True, key=f"{PAGE}_learned")
    for name, table in topic.numbers(done).items():
        st.caption(RACERS[name])
        show_table(table, height=240, hide_index=True, key=f"{PAGE}_matrices_{name}")


def maths(spec: Matrices, done: MatricesRun, step: int) -> None:
    """Show the updates, with the numbers of the step shown, and the words of the room."""
    st.latex(
        r"G = U\,\mathrm{diag}(\sigma)\,V^\top: \quad \text{gradient descent } -\eta G, \qquad "
        r"\text{Muon } \approx -\eta\,UV^\top, \qquad "
        r"\text{Shampoo } -\eta\,L^{-1/4} G R^{-1/4}, \qquad "
        r"\text{SOAP } -\eta\,Q_L\,\mathrm{Adam}(Q_L^\top G Q_R)\,Q_R^\top"
    )
    for name, one in done.runs.items():
        k = min(step, len(one.losses) - 1)
        values = ", ".join(f"{v:.3g}" for v in np.atleast_1d(one.updates[k]))
        st.latex(rf"\text{{{RACERS[name]}, step {k}: }} \sigma(\Delta) = {values}")
    words("backprop/matrices")
