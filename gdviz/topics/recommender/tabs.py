"""The tabs of the page *recommender*: studies, numbers, mathematics, code, pitfalls."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from gdviz.figures.hand import Hand
from gdviz.figures.scene import Handle, Scene
from gdviz.learn.recommender.data import SOLVER_LABELS
from gdviz.learn.recommender.ranking import errors_by_count
from gdviz.learn.recommender.ratings import RatingsError
from gdviz.numerals import number
from gdviz.topics.recommender import charts, rooms, studies, tabs_numbers
from gdviz.topics.recommender import settings as topic
from gdviz.topics.recommender.course import TrainingCourse, seconds_needed, settings_of
from gdviz.topics.recommender.program import as_python
from gdviz.topics.recommender.settings import Recommender
from gdviz.ui.chart import chart
from gdviz.ui.code_tab import program_and_sources
from gdviz.ui.controls import show_error, write
from gdviz.ui.jobs import run_job
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.page_state import PageState, PageTabs
from gdviz.ui.pitfall_tab import pitfalls
from gdviz.ui.rooms import view
from gdviz.ui.stage import stage
from gdviz.ui.tables import show_table
from gdviz.ui.words import words

PAGE = "recommender"
VIEWS = {
    "who": "Whose errors",
    "grid": "k × λ",
    "rates": "Rates",
    "solvers": "SGD and ALS",
    "ladder": "Ladder of models",
    "lists": "Worth of the lists",
}
HEIGHT = 340


def curves(spec: Recommender, course: TrainingCourse) -> None:
    """Draw the chosen study."""
    _VIEWS[view(PAGE, VIEWS)](spec, course)


def _who(spec: Recommender, course: TrainingCourse) -> None:
    items, users = (errors_by_count(course.model, course.data.test, s) for s in ("item", "user"))
    st.caption(
        "The test error by how much the training part knew: of the item (its popularity) and of "
        "the user (their activity). Numbers on the bars: test ratings."
    )
    _chart("who", charts.bands(items, users, lecture_mode()), "Test error by popularity.")


def _chart(name: str, figure: Any, alt: str) -> None:
    chart(figure, height=HEIGHT, key=f"{PAGE}_{name}", alt=alt)


def _study(
    name: str,
    spec: Recommender,
    course: TrainingCourse,
    work: Callable[[Recommender, Any], Iterator[tuple[float, Any]]],
    trainings: int,
) -> Any:
    """Return the result of a study, made when it is asked for if it takes long."""
    seconds = trainings * seconds_needed(spec, course.data)
    if seconds > topic.LONGEST:
        st.info("With so many ratings and factors this study would take minutes: choose fewer.")
        return None
    key = (name, id(course.data.ratings), str(settings_of(spec)))
    place = st.empty()
    if key not in st.session_state.get(f"{PAGE}_worked", {}):
        with place.container():
            st.caption(f"{trainings} trainings; they run when you say so.")
            icon = ":material/play_arrow:"
            if not st.button("Compute", icon=icon, key=f"{PAGE}_compute_{name}"):
                return None
    place.empty()
    try:
        return run_job(PAGE, key, lambda: work(spec, course.data))
    except RatingsError as error:
        show_error(error)
        return None


def _grid(spec: Recommender, course: TrainingCourse) -> None:
    found = _study("grid", spec, course, studies.grid, 40)
    if found is None:
        return
    st.caption(
        f"The lowest test error of {spec.epochs} epochs; biases alone have "
        f"{course.data.bias_rmse:.3f}. Click to load k and λ."
    )
    nearest = np.argmin(np.abs(np.log(np.array(studies.PENALTIES) / spec.reg)))
    column = np.argmin(np.abs(np.array(studies.FACTORS) - spec.factors))
    handle = Handle("grid", "now", float(column), float(nearest), live=False)

    def on_hand(hand: Hand) -> None:
        k = studies.FACTORS[int(np.clip(round(hand.x), 0, len(studies.FACTORS) - 1))]
        reg = studies.PENALTIES[int(np.clip(round(hand.y), 0, len(studies.PENALTIES) - 1))]
        write(PAGE, {"factors": k, "reg": reg})

    figure = charts.grid(found, course.data, lecture_mode())
    alt = "The lowest test error over the factors k and the penalty λ; click to load."
    scene = Scene((), (handle,), alt)
    stage(f"{PAGE}_grid", figure, scene, height=360, on_hand=on_hand)


def _rates(spec: Recommender, course: TrainingCourse) -> None:
    found = _study("rates", spec, course, studies.sweep, len(studies.RATES))
    if found is not None:
        st.caption(f"After {spec.epochs} epochs each. A cross: it diverged.")
        _chart("rates", charts.sweep(found, course.data, lecture_mode()), "Errors against η.")


def _solvers(spec: Recommender, course: TrainingCourse) -> None:
    found = _study("solvers", spec, course, studies.solvers, 8)
    if found is not None:
        st.caption(
            "ALS solves all users, then all items exactly: few epochs, each of them dear. Adagrad "
            "with η = 0.1, SGD with yours; the seconds are this machine's, now."
        )
        figure = charts.solvers(found, SOLVER_LABELS, lecture_mode())
        _chart("solvers", figure, "Test error per epoch and per millisecond.")


def _ladder(spec: Recommender, course: TrainingCourse) -> None:
    found = _study("ladder", spec, course, studies.ladder, 40)
    if found is not None:
        st.caption(
            "Every model on the same five folds, some of which are harder than others: compare two "
            f"models fold by fold. {studies.fold_by_fold(found)}"
            "Dotted: the noise floor, where it is known."
        )
        left, right = st.columns([3, 2])
        with left:
            figure = charts.ladder(found, course.data.floor, lecture_mode())
            _chart("ladder", figure, "Mean test error of each model with its spread.")
        with right:
            table = {"published": list(studies.PUBLISHED), "RMSE": list(studies.PUBLISHED.values())}
            show_table(table, hide_index=True, key=f"{PAGE}_published")
            st.caption(
                "Surprise (Hug 2020) on MovieLens 100k, its own defaults: other ratings than "
                "these, so compare the order of the models, not the digits."
            )


def _lists(spec: Recommender, course: TrainingCourse) -> None:
    try:
        liked, rows = studies.rankings(course)
    except RatingsError as error:
        show_error(error)
        return
    st.caption(
        "Lists of what a user has not rated in training, against test ratings of "
        f"{number(liked, 3)} and "
        "higher. Low figures are usual: most films of a list were never rated at all."
    )
    _chart("lists", charts.rankings(rows, lecture_mode()), "Precision, recall and nDCG.")


_VIEWS = {
    "who": _who,
    "grid": _grid,
    "rates": _rates,
    "solvers": _solvers,
    "ladder": _ladder,
    "lists": _lists,
}


# --- mathematics and code -------------------------------------------------------------------------


def maths(spec: Recommender, course: TrainingCourse, step: int) -> None:
    """Show one update with its numbers, and the words of the page."""
    walk = rooms.walk(spec, course.data)
    if len(walk.rating):
        n = min(step, len(walk.rating) - 1) if spec.room == "one" else 0
        st.text(f"One rating, two factors, after epoch {spec.after}: {walk.names[n]}.")
        r, before, after = walk.rating[n], walk.predicted[n], walk.after[n]
        p, q = walk.P[n, walk.user[n]], walk.Q[n, walk.item[n]]
        moved = walk.P[n + 1, walk.user[n]]
        st.latex(rf"e = r - \hat r = {r:.3g} - {before:.4g} = {r - before:.4g}")
        st.latex(
            rf"p \leftarrow {_vector(p)} + {spec.lr:g}\,\bigl({r - before:.4g}\cdot{_vector(q)} - "
            rf"{spec.reg:g}\cdot{_vector(p)}\bigr) = {_vector(moved)}"
        )
        st.latex(rf"\hat r \text{{ of the same rating is now }} {after:.4g}")
    words(PAGE)


def _vector(v: np.ndarray) -> str:
    return rf"({v[0]:.4f},\; {v[1]:.4f})"


def code(spec: Recommender) -> None:
    """Show the page as Python, and the source of the updates."""
    from gdviz.kernels.matrix_factorization import adagrad, sgd

    sources = {"an epoch of SGD": sgd.py_func, "an epoch of adagrad": adagrad.py_func}
    program_and_sources(as_python(spec), sources)


def outputs(drawn: PageState) -> PageTabs:
    """The tabs under the stage, and what the share menu gives away."""
    spec, course, step = drawn.spec, drawn.runs, drawn.step
    panels = {
        "Curves": lambda: curves(spec, course),
        "Numbers": lambda: tabs_numbers.numbers(spec, course),
        "Maths": lambda: maths(spec, course, step),
        "Code": lambda: code(spec),
        "Pitfalls": lambda: pitfalls("recommender"),
    }
    csv = partial(tabs_numbers.csv_of, course)
    return PageTabs(panels, lambda: as_python(spec), csv)
