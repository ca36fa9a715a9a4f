"""The tabs of the page *descent*: curves and maps, numbers, maths, code, pitfalls."""

from collections.abc import Callable, Mapping

import numpy as np
import streamlit as st

from gdviz.cache import cached
from gdviz.export.tables import csv_of
from gdviz.expressions import FormulaError
from gdviz.figures.scene import Handle, Scene
from gdviz.knobs import clamp
from gdviz.optimize import LABELS, METHODS, Problem, Run, local_minima
from gdviz.optimize import latex as maths
from gdviz.optimize.typed_rules import is_rule
from gdviz.optimize.walkthrough import walkthrough
from gdviz.topics.descent import charts, pitfalls
from gdviz.topics.descent import settings as topic
from gdviz.topics.descent.damping import damping_of
from gdviz.topics.descent.settings import Descent
from gdviz.ui.chart import chart
from gdviz.ui.code_tab import program_and_sources
from gdviz.ui.controls import write
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.page_state import PageState, PageTabs
from gdviz.ui.pitfall_tab import pitfalls as pitfall_rows
from gdviz.ui.rooms import view
from gdviz.ui.stage import Hand, stage
from gdviz.ui.tables import show_table
from gdviz.ui.words import words

VIEWS = {
    "curves": "Convergence",
    "cobweb": "Cobweb",
    "bifurcation": "Bifurcation over η",
    "basins": "Where each start ends",
    "map": "Start × rate",
}
HEIGHT = 330
MAP_STEPS = 300


def curves(spec: Descent, runs: Mapping[str, Run]) -> None:
    """Draw the chosen view of the runs."""
    _VIEWS[view("descent", VIEWS)](spec, runs)


def _convergence(spec: Descent, runs: Mapping[str, Run]) -> None:
    problem = topic.problem_of(spec)
    figure = charts.curves(
        runs, topic.best_value(problem), topic.parabola_rate(spec), lecture_mode()
    )
    chart(
        figure,
        height=HEIGHT,
        key="descent_curves",
        alt="Three charts against the step: the gap to the minimum, the slope, and the point.",
    )
    if "heavy_ball" in runs:
        st.caption(f"Heavy ball. {damping_of(runs['heavy_ball'])}")


def _cobweb(spec: Descent, runs: Mapping[str, Run]) -> None:
    run = runs.get("gd")
    if run is None:
        st.info(
            "The cobweb shows gradient descent as a map of x to x − ηf′(x): add it to the methods."
        )
        return
    figure = charts.cobweb(run.problem, spec.lr, run.x[:, 0], _box(spec), lecture_mode())
    st.caption(
        "The path comes closer to a minimum where the slope of T there, 1 − ηf″, lies between −1 "
        "and 1, by this factor a step; below 0 it jumps from side to side."
    )
    chart(
        figure,
        height=450,
        key="descent_cobweb",
        alt="The map T(x) = x − ηf′(x) and the path on it.",
    )


def _bifurcation(spec: Descent, runs: Mapping[str, Run]) -> None:
    found = _cached_bifurcation(spec.function, spec.formula, _box(spec), spec.x0)
    if found is None:
        st.info("No minimum in this window gives η a scale; choose another function or window.")
        return
    figure = charts.bifurcation(found.rates, found.x, _box(spec), lecture_mode())
    middle = float(np.mean(_box(spec)))
    handle = Handle("lr", "η", spec.lr, middle, "x", live=False)
    st.caption(
        f"Where gradient descent from x₀ = {spec.x0:g} ends up, for 800 values of η: one point "
        "where it settles, several where it cycles, a smear where it is chaotic, nothing where it "
        "diverges. Click an η to load it."
    )
    scene = Scene((), (handle,), "Bifurcation diagram of gradient descent over the learning rate.")
    load = _load({"lr": lambda hand: hand.x})
    stage("descent_bifurcation", figure, scene, height=HEIGHT, on_hand=load)


def _basins(spec: Descent, runs: Mapping[str, Run]) -> None:
    name = next(iter(runs))
    if topic.best_value(topic.problem_of(spec)) is None:
        st.info("There is no minimum in this window to end in; choose another function or window.")
        return
    minima, found = _cached_basins(
        spec.function, spec.formula, _box(spec), name, tuple(topic.hyper(spec, name).items())
    )
    figure = charts.basin_strip(found.starts, found.minimum, found.steps, minima, lecture_mode())
    handle = Handle("x0", "x₀", spec.x0, 0.0, "x", live=False)
    st.caption(
        f"{LABELS[name]} from 801 starts, coloured by the minimum reached. Click one to load it."
    )
    scene = Scene((), (handle,), "Every start coloured by the minimum it reaches.")
    load = _load({"x0": lambda hand: hand.x})
    stage("descent_basins", figure, scene, height=HEIGHT, on_hand=load)


def _map(spec: Descent, runs: Mapping[str, Run]) -> None:
    name = next((n for n in runs if "lr" in topic.hyper(spec, n)), None)
    if name is None:
        st.info("This map needs a method with a learning rate η: add one to the methods.")
        return
    rest = {k: v for k, v in topic.hyper(spec, name).items() if k != "lr"}
    found = _cached_map(spec.function, spec.formula, _box(spec), name, tuple(rest.items()))
    figure = charts.rate_map(found.starts, found.rates, found.steps, found.code, lecture_mode())
    handle = Handle("both", "x₀, η", spec.x0, spec.lr, "xy", live=False)
    st.caption(
        f"{LABELS[name]}, 400 starts × 400 rates, up to {MAP_STEPS} steps each: colour is steps to "
        "converge, grey does not, dark diverges. Click to load."
    )
    scene = Scene((), (handle,), "Steps to converge for every start and learning rate.")
    load = _load({"x0": lambda hand: hand.x, "lr": lambda hand: hand.y})
    stage("descent_map", figure, scene, height=HEIGHT, on_hand=load)


_VIEWS = {
    "curves": _convergence,
    "cobweb": _cobweb,
    "bifurcation": _bifurcation,
    "basins": _basins,
    "map": _map,
}


def _box(spec: Descent) -> tuple[float, float]:
    return topic.problem_of(spec).box[0]


def _load(knobs: Mapping[str, Callable[[Hand], float]]) -> Callable[[Hand], None]:
    """Return a callback that puts what the hand chose into knobs, within their bounds."""

    def on_hand(hand: Hand) -> None:
        write("descent", {name: clamp(Descent, name, read(hand)) for name, read in knobs.items()})

    return on_hand


def _problem(function: str, formula: str, box: tuple[float, float]) -> Problem:
    return topic.problem_of(Descent(function=function, formula=formula, left=box[0], right=box[1]))


@cached
def _cached_bifurcation(function: str, formula: str, box: tuple[float, float], x0: float):
    from gdviz.optimize import maps  # numba is loaded by the first map, not by the page

    problem = _problem(function, formula, box)
    scale = topic.steepest_curvature(problem)
    if scale is None:
        return None
    return maps.bifurcation(problem, x0, np.linspace(0.02, 3.6, 800) / scale)


@cached
def _cached_basins(
    function: str, formula: str, box: tuple[float, float], method: str, hyper: tuple
):
    from gdviz.optimize import maps  # numba is loaded by the first map, not by the page

    problem = _problem(function, formula, box)
    minima = local_minima(problem, *box)
    starts = np.linspace(*box, 801)
    return minima, maps.basins(problem, starts, minima, method, steps=1000, **dict(hyper))


@cached
def _cached_map(function: str, formula: str, box: tuple[float, float], method: str, hyper: tuple):
    from gdviz.optimize import maps  # numba is loaded by the first map, not by the page

    problem = _problem(function, formula, box)
    rates = np.geomspace(1e-3, 10.0, 400)
    starts = np.linspace(*box, 400)
    return maps.rate_map(problem, starts, rates, method, steps=MAP_STEPS, **dict(hyper))


def numbers(spec: Descent, runs: Mapping[str, Run], step: int) -> None:
    """Draw the table of each run and the arithmetic of the present step."""
    for panel, (name, run) in zip(st.columns(len(runs)), runs.items(), strict=True):
        with panel:
            st.markdown(f"**{LABELS[name]}**: {run.reason}")
            table = {
                "k": run.t,
                "x": run.x[:, 0],
                "f(x)": run.f,
                "f′(x)": run.grad[:, 0],
                "step": np.diff(run.x[:, 0], append=np.nan),
            }
            show_table(table, height=HEIGHT, hide_index=True, key=f"descent_table_{LABELS[name]}")


def maths_of(spec: Descent, runs: Mapping[str, Run], step: int) -> None:
    """Write f and the rule of each method, with the numbers of the present step."""
    problem = topic.problem_of(spec)
    st.latex(rf"f(x) = {problem.latex} \qquad f'(x) = {problem.formula.gradient_latex[0]}")
    for name, run in runs.items():
        last = len(run.f) - 1
        k = min(step, last - 1)
        st.markdown(f"**{LABELS[name]}**")
        if is_rule(name):
            _typed_step(name, run, k)
        else:
            st.latex(maths.RULES[name])
            if k >= 0:
                st.latex(maths.substitute_numbers(name, run, k, topic.hyper(spec, name)))
        if name == "heavy_ball":
            st.markdown(damping_of(run))
    words("descent")


def _typed_step(name: str, run: Run, k: int) -> None:
    """Write the lines of a typed rule, with the numbers of the step from k to k + 1 if there is."""
    if k < 0:
        st.caption("This run has no step to look at: it ended where it started.")
        return
    for line in walkthrough(name, run, k, run.maker.hyper):
        st.latex(line.formula)
        st.latex(line.numbers)


def code(spec: Descent, runs: Mapping[str, Run]) -> None:
    """Show the page as Python, and the source of the methods that ran."""
    program_and_sources(topic.as_python(spec), {LABELS[name]: METHODS[name] for name in runs})


def pitfalls_of(spec: Descent) -> None:
    """Run the tutorial's loop beside ours on this page's settings, then show its mistakes."""
    try:
        here = pitfalls.compare(topic.problem_of(spec), spec.x0, spec.lr, spec.steps)
    except FormulaError:
        return
    st.markdown("**On the settings of this page** (gradient descent)")
    wrong, right = pitfalls.outcome_words(here)
    one, other = st.columns(2)
    one.error(f"Tutorial: {wrong}", icon=":material/close:")
    other.success(f"Here: {right}", icon=":material/check:")
    pitfall_rows("descent")


def outputs(drawn: PageState) -> PageTabs:
    """The tabs under the stage, and what the share menu gives away."""
    spec, runs, step = drawn.spec, drawn.runs, drawn.step
    panels = {
        "Curves": lambda: curves(spec, runs),
        "Numbers": lambda: numbers(spec, runs, step),
        "Maths": lambda: maths_of(spec, runs, step),
        "Code": lambda: code(spec, runs),
        "Pitfalls": lambda: pitfalls_of(spec),
    }
    return PageTabs(panels, lambda: topic.as_python(spec), lambda: csv_of(runs))
