"""The tabs of the page *race*: curves, maps, tuning, numbers, one step slowly, code, pitfalls."""

import inspect
from collections.abc import Iterator, Mapping

import streamlit as st

from gdviz.export.tables import csv_of
from gdviz.figures import landscape
from gdviz.figures.scene import Path3D, Scene
from gdviz.figures.style import looks_of
from gdviz.knobs import Choice, Switch
from gdviz.numerals import number
from gdviz.optimize import LABELS, METHODS, Run, tuning
from gdviz.optimize.racing import conditions, evaluations
from gdviz.optimize.walkthrough import walkthrough
from gdviz.topics.race import charts as race_charts
from gdviz.topics.race import settings as topic
from gdviz.topics.race import tabs_maps
from gdviz.topics.race.racers import short_name
from gdviz.topics.race.rates import minima_of
from gdviz.topics.race.settings import Race
from gdviz.ui.chart import chart
from gdviz.ui.code_tab import program_and_sources
from gdviz.ui.controls import write
from gdviz.ui.job_queue import Refused, as_task
from gdviz.ui.jobs import await_job
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.page_state import PageState, PageTabs
from gdviz.ui.pitfall_tab import pitfalls
from gdviz.ui.rooms import tab_knob, view
from gdviz.ui.stage import relief
from gdviz.ui.tables import show_table
from gdviz.ui.words import words

VIEWS = {
    "curves": "Convergence",
    "rates": "η over the steps",
    "board": "Leaderboard",
    "relief": "3-D",
    "basins": "Where each start ends",
    "knobs": "Two knobs",
    "sensitivity": "Sensitivity to η",
    "range": "Range test",
    "phase": "Momentum, exactly",
}
HEIGHT = 340


def curves(spec: Race, runs: Mapping[str, Run]) -> None:
    """Draw the chosen view of the race."""
    _VIEWS[view("race", VIEWS)](spec, runs)


def _convergence(spec: Race, runs: Mapping[str, Run]) -> None:
    kind = Switch("against evaluations of f, ∇f and H instead of steps")
    fair = tab_knob("race", "fair", kind, False)
    minima = minima_of(topic.problem_of(spec))
    figure = race_charts.curves(runs, minima, fair, lecture_mode())
    words_of = "Four charts: the gap to the lowest minimum, the slope, the distance, the step."
    chart(figure, height=HEIGHT, key="race_curves", alt=words_of)


def _rates(spec: Race, runs: Mapping[str, Run]) -> None:
    st.caption(
        "Left, the η that is set: constant, or by the schedule; of a search, its first trial. "
        "Right, the η with which gradient descent would step as far from the same point."
    )
    figure = race_charts.rates(runs, lecture_mode())
    alt = "Two charts against the step: the rate that is set, and the rate that is taken."
    chart(figure, height=HEIGHT, key="race_rates", alt=alt)


def _board(spec: Race, runs: Mapping[str, Run]) -> None:
    _tune_button(spec)
    rows = []
    for name, run in runs.items():
        costs = evaluations(name, run)[-1]
        done = run.status == "converged"
        rows.append(
            {
                "method": run.title,
                "verdict": run.verdict,
                "steps to tolerance": int(run.last) if done else None,
                "f": costs[0],
                "∇f": costs[1],
                "H": costs[2],
                "all evaluations": int(costs.sum()) if done else None,
                "f at the end": float(run.f[-1]),
                "x": float(run.x[-1, 0]),
                "y": float(run.x[-1, 1]),
            }
        )
    rows.sort(
        key=lambda row: (
            row["steps to tolerance"] is None,
            row["steps to tolerance"],
            row["f at the end"],
        )
    )
    show_table(rows, hide_index=True, key="race_board")


def _tune_button(spec: Race) -> None:
    if not st.button("Tune each η under an equal budget, then race", icon=":material/tune:"):
        return
    racers = [name for name in topic.entrants(spec) if tuning.tunable(name)]
    bar = st.progress(0.0, "Tuning …")
    st.button("Stop", key="race_stop_tuning")
    try:
        tuned = await_job(bar, as_task(lambda: _tuned(spec, len(racers))), _rate_found)
    except Refused as error:
        st.caption(str(error))
        return
    st.session_state["race_tuned"] = tuned
    st.rerun()


def _tuned(spec: Race, racers: int) -> Iterator[tuple[float, dict[str, float]]]:
    """Yield the share done and the rates found so far, one method at a time."""
    found: dict[str, float] = {}
    for name, trial in tuning.tune_each(
        topic.problem_of(spec), [spec.x0, spec.y0], topic.entries(spec), **topic.race_rules(spec)
    ):
        found[name] = trial.rate
        yield len(found) / racers, dict(found)


def _rate_found(share: float, found: dict[str, float]) -> str:
    name, rate = list(found.items())[-1]
    return f"{LABELS[name]}: η = {number(rate, 3)}"


def take_tuned_rates() -> None:
    """Write the rates that a tuning has found, before the widgets of this run are drawn."""
    for name, rate in st.session_state.pop("race_tuned", {}).items():
        write(f"race_{short_name(name)}", {"lr": float(f"{rate:.3g}")})


def _relief(spec: Race, runs: Mapping[str, Run]) -> None:
    problem = topic.problem_of(spec)
    looks = looks_of(runs)
    layers = [
        Path3D(LABELS[n], r.x[:, 0], r.x[:, 1], landscape.on_relief(problem, r.x), looks[n].color)
        for n, r in runs.items()
    ]
    scene = Scene(layers, (), "The surface in three dimensions with the paths on it.")
    figure = landscape.relief(problem, lecture_mode())
    relief("race_relief", figure, scene, "race_stage", 460)


_VIEWS = {
    "curves": _convergence,
    "rates": _rates,
    "board": _board,
    "relief": _relief,
    "basins": tabs_maps.basins,
    "knobs": tabs_maps.two_knobs,
    "sensitivity": tabs_maps.sensitivity,
    "range": tabs_maps.ranges,
    "phase": tabs_maps.phase,
}


def numbers(spec: Race, runs: Mapping[str, Run], step: int) -> None:
    """Draw the table of each run."""
    name = tabs_maps.method_among(runs)
    run = runs[name]
    st.markdown(f"**{run.title}**: {run.reason}")
    costs = evaluations(name, run)
    table = {
        "k": run.t,
        "x": run.x[:, 0],
        "y": run.x[:, 1],
        "f": run.f,
        "∂f/∂x": run.grad[:, 0],
        "∂f/∂y": run.grad[:, 1],
        "evaluations": costs.sum(axis=1),
    }
    show_table(table, height=HEIGHT, hide_index=True, key="race_table")


def one_step(spec: Race, runs: Mapping[str, Run], step: int) -> None:
    """Walk through one update of one method, slowly."""
    left, middle, right = st.columns([2, 1, 2], vertical_alignment="bottom")
    with left:
        name = tabs_maps.method_among(runs)
    run = runs[name]
    last = len(run.f) - 2
    if last < 0:
        st.info("This run has no step to look at: it ended where it started.")
        return
    with middle:
        axis = tab_knob("race", "axis", Choice({"x": "x", "y": "y"}, "along"), "x")
    along = int(axis == "y" and hasattr(METHODS[name], "state"))
    rules = topic.race_rules(spec)
    around = conditions(run.problem, **{k: v for k, v in rules.items() if k not in ("stop", "tol")})
    k = min(step, last)
    moments = walkthrough(name, run, k, topic.hyper_of(spec, name), along, around)
    with right:
        shown = _walked(len(moments))
    st.markdown(f"**{run.title}**, from step {k} to step {k + 1}:")
    for i, moment in enumerate(moments[:shown]):
        st.markdown(f"{i + 1}. {moment.sentence}")
        st.latex(moment.formula)
        st.latex(moment.numbers)
    doc = inspect.getdoc(inspect.unwrap(METHODS[name])) or ""
    st.caption(doc)
    words("race")


def _walked(most: int) -> int:
    """Draw the buttons that walk through the moments, and return how many show: all at first."""
    shown = st.session_state.get("race_moment", 0)

    def walk(by: int) -> None:
        st.session_state["race_moment"] = max(0, min(most, shown + by))

    with st.container(horizontal=True):
        st.button("Back", shortcut="shift+left", on_click=walk, args=(-1,), key="race_moment_back")
        st.button("Next", shortcut="shift+right", on_click=walk, args=(1,), key="race_moment_next")
    return min(shown, most) or most


def code(spec: Race, runs: Mapping[str, Run]) -> None:
    """Show the page as Python, and the source of the methods that ran."""
    program_and_sources(topic.as_python(spec), {LABELS[name]: METHODS[name] for name in runs})


def outputs(drawn: PageState) -> PageTabs:
    """The tabs under the stage, and what the share menu gives away."""
    spec, runs, step = drawn.spec, drawn.runs, drawn.step
    panels = {
        "Curves": lambda: curves(spec, runs),
        "Numbers": lambda: numbers(spec, runs, step),
        "Maths": lambda: one_step(spec, runs, step),
        "Code": lambda: code(spec, runs),
        "Pitfalls": lambda: pitfalls("race"),
    }
    return PageTabs(panels, lambda: topic.as_python(spec), lambda: csv_of(runs))
