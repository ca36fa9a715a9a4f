"""The room *house prices* of *regression*: a pipeline whose every stage can be looked at."""

from dataclasses import replace

import numpy as np
import streamlit as st

from gdviz.export.tables import csv_of
from gdviz.figures.hand import Hand
from gdviz.figures.scene import Picture
from gdviz.learn.pipeline import run_pipeline
from gdviz.topics.regression.controls_upload import result_of, source_of
from gdviz.topics.regression.formulas import prediction_latex
from gdviz.topics.regression.houses import figure as figures
from gdviz.topics.regression.houses import settings as topic
from gdviz.topics.regression.houses.presets import PRESETS
from gdviz.topics.regression.houses.settings import Houses, Priced
from gdviz.topics.regression.houses.tabs import STAGES, VIEWS
from gdviz.topics.regression.houses.tabs_preparation import amount_text
from gdviz.topics.regression.table_source import BALTIMORE
from gdviz.ui import frame
from gdviz.ui.code_tab import program_and_sources
from gdviz.ui.controls import MORE_KNOBS, Controls
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.page_state import PageState, PageTabs
from gdviz.ui.pins import pin_buttons
from gdviz.ui.pitfall_tab import pitfalls
from gdviz.ui.rooms import view
from gdviz.ui.tables import show_table
from gdviz.ui.words import words

PAGE = "regression"


def body() -> tuple[PageState, bool]:
    """The live part: knobs at the left, the stage at the right."""
    left, right = frame.knobs_and_stage()
    with left:
        knobs = Controls(Houses, PAGE)
        knobs.draw("homes")
        source, key = source_of(knobs.values["homes"], f"{PAGE}_houses")
        knobs.draw("leak")
        knobs.draw("powers")
        knobs.draw("ridge", with_dial=False)
        with knobs.menu("more_houses", *MORE_KNOBS):
            for name in ("trainer", "epochs", "kept", "shuffle"):
                knobs.draw(name, with_dial=False)
    spec = knobs.spec()
    with left:
        pin_buttons(PAGE, spec)
        done = result_of("houses", spec, source, key, topic.run, topic.predict_prices)
        over = "Houses of Baltimore, until there are others" if done is None else ""
        if done is None:
            st.caption("Until then the stage shows 211 houses of Baltimore, sold in 1978.")
            spec = replace(spec, homes=BALTIMORE)  # the real houses that every machine has
            done = topic.run(spec)

    def on_hand(hand: Hand) -> None:
        st.session_state[f"{PAGE}_house"] = figures.nearest_house(done, hand.x, hand.y)

    with right:
        drawn = Picture(figures.background(done, lecture_mode()), figures.scene(done))
        state = frame.show(PAGE, spec, done, drawn, on_hand, PRESETS, (410, 450), over=over)
    return state, knobs.moving


def outputs(drawn: PageState) -> PageTabs:
    """The tabs under the stage, and what the share menu gives away."""
    spec, done = drawn.spec, drawn.runs
    panels = {
        "Curves": lambda: VIEWS[view(PAGE, STAGES)](spec, done),
        "Numbers": lambda: numbers(done),
        "Maths": lambda: maths(done),
        "Code": lambda: code(spec, done),
        "Pitfalls": lambda: pitfalls("regression", 9),
    }
    return PageTabs(
        panels, lambda: topic.as_python(spec, done.source), lambda: csv_of(topic.numbers(done))
    )


def numbers(done: Priced) -> None:
    """Draw the predictions of the rows held out."""
    pipe = done.shown
    found = pipe.prediction_test
    actual = pipe.y[pipe.test]
    table = {
        "row": pipe.test,
        "actual": actual,
        "predicted": found,
        "actual − predicted": actual - found,
    }
    show_table(table, hide_index=True, height=330, key=f"{PAGE}_house_table")


def maths(done: Priced) -> None:
    """Show how a house is priced and scaled, with its numbers, and the words of the page."""
    pipe = done.shown
    clicked = np.flatnonzero(pipe.test == st.session_state.get(f"{PAGE}_house", -1))
    row = int(clicked[0]) if len(clicked) else 0
    price = amount_text(float(pipe.y[pipe.test[row]]), done)
    st.caption(f"A house held out, whose price was {price}; click another on the stage:")
    st.latex(prediction_latex(pipe.names, pipe.X_test[row], pipe.weights, pipe.bias))
    st.latex(r"z_j = \frac{x_j - m_j}{s_j},\quad m, s \text{ of the training rows}")
    words("regression")


def code(spec: Houses, done: Priced) -> None:
    """Show the room as Python, and the source of the pipeline."""
    program_and_sources(topic.as_python(spec, done.source), {"the pipeline": run_pipeline})
