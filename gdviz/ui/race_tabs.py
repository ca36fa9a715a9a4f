"""The tabs of the page *race*: curves, maps, tuning, numbers, one step slowly, code, pitfalls."""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st

from gdviz.figures import landscape, race_charts
from gdviz.figures.scene import Handle, Path3D, Scene
from gdviz.figures.style import LOOKS
from gdviz.knobs import Range, held, knobs
from gdviz.optimize import LABELS, METHODS, Run, momentum, tuning
from gdviz.optimize.cartoon import cartoon
from gdviz.optimize.racing import conditions, evaluations
from gdviz.topics import race as topic
from gdviz.topics.race import Race
from gdviz.ui import frame
from gdviz.ui.controls import write
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.stage import Hand, relief, stage
from gdviz.ui.words import words
from gdviz.ui.work import worked

VIEWS = {
    "curves": "Convergence",
    "board": "Leaderboard",
    "relief": "3-D",
    "basins": "Where each start ends",
    "knobs": "η × a knob",
    "sensitivity": "Sensitivity to η",
    "phase": "Momentum, exactly",
}
PAGE = "race"
HEIGHT = 340
MAP_STEPS = 300
ZOOMS = [1, 4, 16, 64, 256, 1024, 4096]
SIZES = {"quick": 128, "fine": 512}


def curves(spec: Race, runs: Mapping[str, Run]) -> None:
    """Draw the chosen view of the race."""
    _VIEWS[frame.view("race", VIEWS)](spec, runs)


def _convergence(spec: Race, runs: Mapping[str, Run]) -> None:
    fair = st.toggle("against evaluations of f, ∇f and H instead of steps", key="race_fair")
    minima = topic.minima_of(topic.problem_of(spec))
    figure = race_charts.curves(runs, minima, fair, lecture_mode())
    words_of = "Four charts: the gap to the lowest minimum, the slope, the distance, the step."
    st.plotly_chart(figure, height=HEIGHT, key="race_curves", alt=words_of)


def _board(spec: Race, runs: Mapping[str, Run]) -> None:
    _tune_button(spec)
    rows = []
    for name, run in runs.items():
        costs = evaluations(name, run)[-1]
        done = run.status == "converged"
        rows.append(
            {
                "method": LABELS[name],
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
    st.dataframe(rows, hide_index=True, key="race_board")


def _tune_button(spec: Race) -> None:
    if not st.button("Tune each η under an equal budget, then race", icon=":material/tune:"):
        return
    racers = [name for name in topic.entrants(spec) if tuning.tunable(name)]
    bar = st.progress(0.0, "Tuning …")
    st.button("Stop", key="race_stop_tuning")
    found = {}
    tuned = tuning.tune_each(
        topic.problem_of(spec), [spec.x0, spec.y0], topic.entries(spec), **topic.around(spec)
    )
    for i, (name, trial) in enumerate(tuned):
        found[name] = trial
        bar.progress((i + 1) / len(racers), f"{LABELS[name]}: η = {trial.rate:.3g}")
    st.session_state["race_tuned"] = {name: trial.rate for name, trial in found.items()}
    st.rerun()


def take_tuned_rates() -> None:
    """Write the rates that a tuning has found, before the widgets of this run are drawn."""
    for name, rate in st.session_state.pop("race_tuned", {}).items():
        write(f"race_{name}", {"lr": float(f"{rate:.3g}")})


def _relief(spec: Race, runs: Mapping[str, Run]) -> None:
    problem = topic.problem_of(spec)
    layers = [
        Path3D(LABELS[n], r.x[:, 0], r.x[:, 1], landscape.on_relief(problem, r.x), LOOKS[n].color)
        for n, r in runs.items()
    ]
    scene = Scene(layers, (), "The surface in three dimensions with the paths on it.")
    figure = landscape.relief(problem, lecture_mode())
    relief("race_relief", figure, scene, "race_stage", 460, lecture_mode())


def _basins(spec: Race, runs: Mapping[str, Run]) -> None:
    left, middle, right = st.columns([2, 2, 1])
    with left:
        name = _method(runs, "race_basin_method")
    words_of = "Around the start: click on a border, then go closer; some never become a line."
    zoom = middle.select_slider("Zoom", ZOOMS, key="race_basin_zoom", help=words_of)
    size = right.segmented_control(
        "Detail", list(SIZES), default="quick", key="race_basin_size", required=True
    )
    whole = topic.problem_of(spec)
    minima = topic.minima_of(whole)
    problem = replace(whole, box=topic.zoomed(whole.box, (spec.x0, spec.y0), zoom))
    found = worked(
        PAGE,
        ("basins", spec.surface, problem.text, problem.box, name, dict(spec.hyper).get(name), size),
        lambda: _basin_rows(
            problem, minima, name, topic.hyper_of(spec, name), SIZES[size or "quick"]
        ),
    )
    if found is None:
        return
    minimum, steps = found
    figure = race_charts.basin_image(problem, minimum, steps, len(minima), lecture_mode())
    handle = Handle("start", "start", spec.x0, spec.y0, live=False)
    names = ", ".join(f"({x:.3g}, {y:.3g})" for x, y in minima) or "none"
    st.caption(
        f"{minimum.size:,} starts: one colour per minimum of {names}; darker took longer, "
        "grey ended at none in time, black diverged. Click a start to load it."
    )
    _pick("race_basins", figure, handle, {"x0": lambda h: h.x, "y0": lambda h: h.y})


def _basin_rows(
    problem: Any, minima: Any, name: str, hyper: Mapping[str, float], size: int
) -> Iterator[tuple[float, Any]]:
    """Yield the share done and, at the end, the maps `(size, size)` of minimum and steps."""
    from gdviz.optimize import maps  # numba is loaded by the first map, not by the page

    (x0, x1), (y0, y1) = problem.box
    x, y = np.linspace(x0, x1, size), np.linspace(y0, y1, size)
    parts = []
    for rows in np.array_split(y, max(1, size // 32)):
        starts = np.stack(np.meshgrid(x, rows), axis=-1).reshape(-1, 2)
        parts.append(maps.basins(problem, starts, minima, name, steps=MAP_STEPS, **hyper))
        yield sum(len(p.minimum) for p in parts) / size**2, None
    minimum = np.concatenate([p.minimum for p in parts]).reshape(size, size)
    yield 1.0, (minimum, np.concatenate([p.steps for p in parts]).reshape(size, size))


def _method(runs: Iterable[str], key: str, place: Any = st) -> str:
    """Draw a choice among methods and return the one chosen."""
    names = list(runs)
    return place.selectbox("Method", names, format_func=lambda n: LABELS[n], key=key) or names[0]


def _knobs(spec: Race, runs: Mapping[str, Run]) -> None:
    from gdviz.optimize import maps

    able = {name: _others(name) for name in runs if tuning.tunable(name) and _others(name)}
    if not able:
        st.info("This map needs a method with η and one more knob, as heavy ball or Adam have.")
        return
    left, right = st.columns(2)
    name = _method(able, "race_map_method", left)
    others = able[name]
    label = {k: kind.label for k, kind in others.items()}
    knob = right.selectbox(
        "Knob", list(others), format_func=lambda k: label[k], key="race_map_knob"
    )
    if knob is None:
        return
    kind: Any = others[knob]
    rates, values = np.geomspace(1e-4, 10, 96), np.linspace(kind.lo, min(kind.hi, 1.0), 64)
    problem = topic.problem_of(spec)
    hyper: dict[str, Any] = topic.hyper_of(spec, name) | {
        "lr": np.tile(rates, len(values)),
        knob: np.repeat(values, len(rates)),
    }
    starts = np.tile([spec.x0, spec.y0], (rates.size * values.size, 1))
    found = maps.ends(problem, starts, name, steps=MAP_STEPS, tol=spec.tol, **hyper)
    shape = (len(values), len(rates))
    figure = race_charts.knob_map(
        rates,
        values,
        found.steps.reshape(shape),
        found.code.reshape(shape) < 0,
        kind.label,
        lecture_mode(),
    )
    now = topic.hyper_of(spec, name)
    handle = Handle("knobs", "now", now["lr"], float(now[knob]), live=False)
    st.caption(f"Steps to converge from this start over η and {kind.label}. Click to load.")
    _pick(
        f"race_map_{name}_{knob}", figure, handle, {"lr": lambda h: h.x, knob: lambda h: h.y}, name
    )


def _others(name: str) -> dict[str, Range]:
    """Return the knobs of a method besides η over which a map is worth looking at."""
    kinds = {k: knob.kind for k, knob in knobs(METHODS[name]).items() if k not in ("lr", "eps")}
    return {k: kind for k, kind in kinds.items() if isinstance(kind, Range)}


def _sensitivity(spec: Race, runs: Mapping[str, Run]) -> None:
    racers = [name for name in runs if tuning.tunable(name)]
    problem = topic.problem_of(spec)
    place = [spec.x0, spec.y0]
    final = {}
    for name in racers:
        tried = tuning.trials(
            problem, place, name, topic.hyper_of(spec, name), **topic.around(spec)
        )
        final[name] = np.array([trial.f for trial in tried])
    if not final:
        st.info("No method here has a rate of its own to vary.")
        return
    floor = min(float(np.min(f)) for f in final.values())
    lowest = min([float(problem.f(m)) for m in topic.minima_of(problem)] + [floor])
    gaps = {name: np.maximum(f - lowest, 1e-16) for name, f in final.items()}
    figure = race_charts.sensitivity(tuning.RATES, gaps, lecture_mode())
    st.plotly_chart(
        figure, height=HEIGHT, key="race_sensitivity", alt="The last f of each method against η."
    )


def _phase(spec: Race, runs: Mapping[str, Run]) -> None:
    problem = topic.problem_of(spec)
    H = problem.hess(problem.minima[0]) if problem.minima else problem.hess([0.0, 0.0])
    values = np.linalg.eigvalsh(H)
    if values.min() <= 0:
        st.info("The exact rate needs a minimum with positive curvature: choose another surface.")
        return
    rates, betas = np.linspace(1e-3, 4.2, 181) / values.max(), np.linspace(0, 0.999, 141)
    factor = momentum.rate(rates[None, :], betas[:, None], values)
    best = momentum.optimum(values)
    figure = race_charts.phase_plane(rates, betas, factor, best, lecture_mode())
    now = topic.hyper_of(spec, "heavy_ball")
    here = [momentum.regime(now["lr"], now["momentum"], value) for value in values]
    st.caption(
        f"The heavy ball at the minimum, λ = {values[0]:.3g} and {values[1]:.3g}: its error "
        f"shrinks by this factor each step; blank diverges. Best (the star): η = {best[0]:.3g}, "
        f"β = {best[1]:.3g}, factor {best[2]:.3g}. Yours {' and '.join(here)}. Click to load."
    )
    handle = Handle("pad", "now", now["lr"], now["momentum"], live=False)
    _pick(
        "race_phase", figure, handle, {"lr": lambda h: h.x, "momentum": lambda h: h.y}, "heavy_ball"
    )


def _pick(
    key: str,
    figure: Any,
    handle: Handle,
    reads: Mapping[str, Callable[[Hand], float]],
    method: str = "",
) -> None:
    """Draw a map whose handle loads knobs: the page's own, or those of a method."""
    owner: Any = METHODS[method] if method else Race

    def on_hand(hand: Hand) -> None:
        page = f"race_{method}" if method else "race"
        values = {k: held(owner, k, read(hand)) for k, read in reads.items()}
        write(page, {k: float(f"{v:.4g}") for k, v in values.items()})

    alt = "A map; click to load what is there."
    stage(key, figure, Scene((), (handle,), alt), height=440, on_hand=on_hand, large=lecture_mode())


_VIEWS = {
    "curves": _convergence,
    "board": _board,
    "relief": _relief,
    "basins": _basins,
    "knobs": _knobs,
    "sensitivity": _sensitivity,
    "phase": _phase,
}


def numbers(spec: Race, runs: Mapping[str, Run], step: int) -> None:
    """Draw the table of each run."""
    name = _method(runs, "race_table_method")
    run = runs[name]
    st.markdown(f"**{LABELS[name]}**: {run.reason}")
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
    st.dataframe(table, height=HEIGHT, hide_index=True, key="race_table")


def one_step(spec: Race, runs: Mapping[str, Run], step: int) -> None:
    """Walk through one update of one method, slowly."""
    left, middle, right = st.columns([2, 1, 2], vertical_alignment="bottom")
    name = _method(runs, "race_slow_method", left)
    run = runs[name]
    last = len(run.f) - 2
    if last < 0:
        st.info("This run has no step to look at: it ended where it started.")
        return
    axis = middle.segmented_control(
        "Along", ["x", "y"], default="x", key="race_axis", required=True
    )
    along = int(axis == "y" and hasattr(METHODS[name], "state"))
    around = conditions(
        run.problem, spec.steps, spec.schedule, spec.noise, spec.seed, spec.clip or None
    )
    k = min(step, last)
    moments = cartoon(name, run, k, topic.hyper_of(spec, name), along, around)
    with right:
        shown = _walked(len(moments))
    st.markdown(f"**{LABELS[name]}**, from step {k} to step {k + 1}:")
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
    st.markdown("This prints the numbers on this page:")
    st.code(topic.as_python(spec), language="python")
    for name in runs:
        with st.expander(f"The source of {LABELS[name]}"):
            st.code(inspect.getsource(inspect.unwrap(METHODS[name])), language="python")
