"""The room *compare* of the page *race*: knobs, stage and verdict."""

from functools import partial

import streamlit as st

from gdviz.figures.scene import Picture
from gdviz.knobs import KnobError
from gdviz.topics.race.compare import figure as figures
from gdviz.topics.race.compare.controls import PAGE, controls
from gdviz.topics.race.compare.presets import PRESETS
from gdviz.topics.race.compare.settings import (
    AT_ONCE,
    Compare,
    Compared,
    check_size,
    run,
    work,
    work_asked,
)
from gdviz.topics.race.compare.verdict import verdict_on
from gdviz.ui import frame
from gdviz.ui.controls import show_error
from gdviz.ui.jobs import kept_job, run_job
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.page_state import PageState
from gdviz.ui.pins import pin_buttons

STAND_IN = "The comparison that the room begins with: yours has not been run"
EARLIER = "The last comparison that was run: yours has not been"
LAST = "race_last_compared"


def body() -> PageState:
    """The live part: knobs at the left, the stage and what it says at the right."""
    left, right = frame.knobs_and_stage()
    with left:
        wanted = controls()
    with right:
        found = comparison_of(wanted)
        spec, done, over = (wanted, found, "") if found else stand_in()
        st.session_state[LAST] = spec
    with left:
        pin_buttons(PAGE, spec)
    with right:
        drawn = Picture(figures.background(done, lecture_mode()), figures.compare_scene(done))

        def below(step: int) -> None:
            st.caption(f"{over}. {verdict_on(done)}" if over else verdict_on(done))

        return frame.show(
            PAGE, spec, done, drawn, lambda hand: None, PRESETS, (395, 440), below, over
        )


def stand_in() -> tuple[Compare, Compared, str]:
    """Return what is shown for a comparison that was not run, and what to say of it."""
    spec = st.session_state.get(LAST, Compare())
    if spec != Compare():
        done = run(spec) if work_asked(spec) <= AT_ONCE else kept_job(PAGE, ("compare", spec))
        if done:
            return spec, done, EARLIER
    return Compare(), run(Compare()), STAND_IN


def comparison_of(spec: Compare) -> Compared | None:
    """Return a comparison: at once where it is short, else under a bar; None if it was not run."""
    try:
        check_size(spec)
    except KnobError as error:
        show_error(error)
        return None
    if work_asked(spec) <= AT_ONCE:
        return run(spec)
    found: Compared | None = run_job(PAGE, ("compare", spec), partial(work, spec))
    return found
