"""A training on the page: at once where it is short; else under a bar, and it can be stopped."""

from collections.abc import Iterator
from time import monotonic

import streamlit as st

from gdviz.learn.recommender.ratings import Ratings, RatingsError
from gdviz.topics.recommender import settings as topic
from gdviz.topics.recommender.course import TrainingCourse, epochs, run, seconds_needed, settings_of
from gdviz.topics.recommender.ratings_source import Data, data_of
from gdviz.topics.recommender.settings import PLANTED, Recommender
from gdviz.ui.controls import key_of, show_error
from gdviz.ui.job_queue import Refused, as_task
from gdviz.ui.jobs import await_job

STAND_IN = "Made-up ratings, until there are others"
KEPT = "recommender_long"
PAUSE = 0.15  # seconds between two looks at the bar


def train_with_progress(spec: Recommender, upload: Ratings | None) -> TrainingCourse:
    """Return the training of the spec; what cannot be trained gives way to the defaults."""
    try:
        data = data_of(spec, upload)
        if seconds_needed(spec, data) > topic.LONGEST:
            run(spec, upload)  # says why it will not
        if seconds_needed(spec, data) <= topic.LONG:
            return run(spec, upload)
        return _watched(spec, data)
    except RatingsError as error:
        show_error(error)
        return run(Recommender())


def stands_in(spec: Recommender, course: TrainingCourse) -> str:
    """Return the note over a training on other ratings than those that were asked for."""
    asked = st.session_state.get(key_of("recommender", "data"), spec.data)
    planted = spec.data == PLANTED or course.data is data_of(Recommender())
    return STAND_IN if asked != PLANTED and planted else ""


def _watched(spec: Recommender, data: Data) -> TrainingCourse:
    """Train under a bar; a stop, or any other touch of the page, keeps what has been learnt."""
    key = id(data.ratings), str(settings_of(spec))
    kept = st.session_state.setdefault(KEPT, {})
    if kept.get("key") != key:
        kept.clear()
        kept["key"] = key
    if kept.get("done"):
        return kept["course"]
    place = st.empty()
    with place.container():
        bar = st.progress(0.0, "Training …")
        st.button("Stop here", key="recommender_stop", on_click=_stop)

    def says(share: float, course: TrainingCourse) -> str:
        kept["course"] = course
        return f"{share:.0%}: train {course.train[-1]:.3f}, test {course.test[-1]:.3f}"

    try:
        kept["course"] = await_job(bar, as_task(lambda: _courses(spec, data)), says)
    except Refused as error:
        if "course" not in kept:
            raise RatingsError(str(error)) from error
        show_error(error)
    kept["done"] = True
    place.empty()
    return kept["course"]


def _courses(spec: Recommender, data: Data) -> Iterator[tuple[float, TrainingCourse]]:
    """Yield the share done and the course so far, as often as anybody looks at the bar."""
    last = 0.0
    so_far: TrainingCourse | None = None
    for share, course in epochs(data, settings_of(spec)):
        if monotonic() - last > PAUSE or share >= 1:
            last, so_far = monotonic(), course()
        assert so_far
        yield share, so_far
    yield 1.0, course()


def _stop() -> None:
    kept = st.session_state.get(KEPT, {})
    kept["done"] = "course" in kept
