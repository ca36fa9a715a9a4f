"""The room *house prices* of *regression*: a pipeline whose every stage can be looked at."""

import inspect

import streamlit as st

from gdviz.export.tables import csv_of
from gdviz.figures.hand import Hand
from gdviz.figures.scene import Picture
from gdviz.learn.pipeline import run_pipeline
from gdviz.topics.regression import pitfalls as regression_pitfalls
from gdviz.topics.regression.controls_upload import UploadRunner, run_on_upload, source_of
from gdviz.topics.regression.houses import figure as figures
from gdviz.topics.regression.houses import settings as topic
from gdviz.topics.regression.houses.presets import PRESETS
from gdviz.topics.regression.houses.settings import Houses, Priced
from gdviz.topics.regression.houses.tabs import STAGES, VIEWS
from gdviz.ui import frame
from gdviz.ui.controls import MORE_KNOBS, Controls
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.page_state import PageState, PageTabs
from gdviz.ui.pitfall_tab import pitfalls
from gdviz.ui.rooms import view
from gdviz.ui.words import words

PAGE = "regression"
MAKER = UploadRunner(
    "houses", topic.run, topic.predict_prices, Houses(homes="unscaled"), "made-up rents"
)


def body() -> tuple[PageState, bool]:
    """The live part: knobs at the left, the stage at the right."""
    left, right = st.columns([1, 3.4])
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
    done = run_on_upload(MAKER, spec, source, key, left)

    def on_hand(hand: Hand) -> None:
        st.session_state[f"{PAGE}_house"] = figures.nearest_house(done, hand.x, hand.y)

    with right:
        drawn = Picture(figures.background(done, lecture_mode()), figures.scene(done))
        state = frame.show(PAGE, spec, done, drawn, on_hand, PRESETS, heights=(410, 450))
    return state, knobs.moving


def outputs(drawn: PageState) -> PageTabs:
    """The tabs under the stage, and what the share menu gives away."""
    spec, done = drawn.spec, drawn.runs
    panels = {
        "Curves": lambda: VIEWS[view(PAGE, STAGES)](spec, done),
        "Numbers": lambda: numbers(done),
        "Maths": lambda: words("regression"),
        "Code": lambda: code(spec, done),
        "Pitfalls": lambda: pitfalls([r for r in regression_pitfalls.ROWS if r.row[0] == "9"]),
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
    st.dataframe(table, hide_index=True, height=330, key=f"{PAGE}_house_table")


def code(spec: Houses, done: Priced) -> None:
    """Show the room as Python, and the source of the pipeline."""
    st.markdown("This prints the numbers on this page:")
    st.code(topic.as_python(spec, done.source), language="python")
    with st.expander("The source of the pipeline"):
        st.code(inspect.getsource(run_pipeline), language="python")
