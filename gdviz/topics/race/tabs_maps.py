"""The maps of the page *race*: starts, two knobs, the rate of all methods, momentum exactly."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from gdviz.figures.scene import Handle, Scene
from gdviz.knobs import clamp, knobs
from gdviz.optimize import LABELS, METHODS, Run, momentum_theory, tuning
from gdviz.topics.race import charts as race_charts
from gdviz.topics.race import settings as topic
from gdviz.topics.race import studies as race_maps
from gdviz.topics.race.rates import minima_of, zoom_window
from gdviz.topics.race.settings import Race
from gdviz.ui.chart import chart
from gdviz.ui.controls import write
from gdviz.ui.jobs import run_job
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.stage import Hand, stage

PAGE = "race"
HEIGHT = 440
ZOOMS = [1, 4, 16, 64, 256, 1024, 4096]
SIZES = {"quick": 128, "fine": 512}


def method_among(runs: Iterable[str], key: str, place: Any = st) -> str:
    """Draw a choice among methods and return the one chosen."""
    names = list(runs)
    return place.selectbox("Method", names, format_func=lambda n: LABELS[n], key=key) or names[0]


def basins(spec: Race, runs: Mapping[str, Run]) -> None:
    """Draw where each start ends, for one method."""
    left, middle, right = st.columns([2, 2, 1])
    name = method_among(runs, "race_basin_method", left)
    words_of = "Around the start: click on a border, then go closer; some never become a line."
    zoom = middle.select_slider("Zoom", ZOOMS, key="race_basin_zoom", help=words_of)
    size = right.segmented_control(
        "Detail", list(SIZES), default="quick", key="race_basin_size", required=True
    )
    whole = topic.problem_of(spec)
    minima = minima_of(whole)
    problem = replace(whole, box=zoom_window(whole.box, (spec.x0, spec.y0), zoom))
    hyper = topic.hyper_of(spec, name)
    found = run_job(
        PAGE,
        ("basins", problem.text, problem.box, name, tuple(hyper.items()), size),
        lambda: race_maps.basin_rows(problem, minima, name, hyper, SIZES[size or "quick"]),
    )
    if found is None:
        return
    minimum, steps = found
    figure = race_charts.basin_image(problem, minimum, steps, len(minima), lecture_mode())
    names = ", ".join(f"({x:.3g}, {y:.3g})" for x, y in minima[:6]) or "none"
    more = f" and {len(minima) - 6} more" if len(minima) > 6 else ""
    st.caption(
        f"{minimum.size:,} starts, {race_maps.STEPS} steps each{_calm(spec)}: one colour per "
        f"minimum, {names}{more}; darker took longer, grey ended at none in time, black diverged. "
        "Click a start to load it."
    )
    _pick("race_basins", figure, [_on_page("x0", spec.x0), _on_page("y0", spec.y0)], "start")


def _calm(spec: Race) -> str:
    """Say what a map leaves out of the rules of the race."""
    rules = (spec.schedule != "constant", "schedule"), (spec.noise, "noise"), (spec.clip, "clip")
    left_out = [word for there, word in rules if there]
    return f", without the {' and the '.join(left_out)}" if left_out else ""


def two_knobs(spec: Race, runs: Mapping[str, Run]) -> None:
    """Draw the steps to converge over any two knobs of a method."""
    places = st.columns(3)
    name = method_among(runs, "race_map_method", places[0])
    free = race_maps.free_knobs(name)
    usual = race_maps.usual_axes(name)
    across, up = (
        place.selectbox(
            words,
            list(free),
            list(free).index(first),
            format_func=lambda k: free[k].kind.label,
            key=f"race_map_{words.lower()}_{name}",
        )
        or first
        for place, words, first in zip(places[1:], ("Across", "Up"), usual, strict=True)
    )
    if across == up:
        st.info("Choose two different knobs.")
        return
    key = ("knobs", replace(spec, overlays=("none",), hidden=False), name, across, up)
    found = run_job(PAGE, key, lambda: race_maps.knob_rows(spec, name, across, up))
    if found is None:
        return
    axes: list[Any] = [free[k].kind for k in (across, up)]
    figure = race_charts.knob_map(found, axes, lecture_mode())
    st.caption(
        f"Steps of {LABELS[name]} to converge{_calm(spec)}; grey did not in {race_maps.STEPS}, "
        "dark diverged. Click to load."
    )
    now: dict[str, Any] = {**topic.hyper_of(spec, name), "x0": spec.x0, "y0": spec.y0}
    hands = [
        _on_page(k, now[k]) if k in ("x0", "y0") else _own(name, k, now[k]) for k in (across, up)
    ]
    _pick(f"race_map_{name}_{across}_{up}", figure, hands, "now")


def sensitivity(spec: Race, runs: Mapping[str, Run]) -> None:
    """Draw the last f of every method against its rate."""
    racers = [name for name in runs if tuning.tunable(name)]
    if not racers:
        st.info("No method here has a rate of its own to vary.")
        return
    found = run_job(
        PAGE,
        ("sensitivity", replace(spec, overlays=("none",), hidden=False)),
        lambda: _finals(spec, racers),
    )
    if found is None:
        return
    problem = topic.problem_of(spec)
    floor = min(float(np.min(f)) for f in found.values())
    lowest = min([float(problem.f(m)) for m in minima_of(problem)] + [floor])
    gaps = {name: np.maximum(f - lowest, 1e-16) for name, f in found.items()}
    figure = race_charts.sensitivity(tuning.RATES, gaps, lecture_mode())
    words_of = "The last f of each method against η."
    chart(figure, height=340, key="race_sensitivity", alt=words_of)


def _finals(spec: Race, racers: list[str]) -> Any:
    """Yield the share done and the last f of each method by rate, one method at a time."""
    found: dict[str, np.ndarray] = {}
    for name in racers:
        tried = tuning.trials(
            topic.problem_of(spec),
            [spec.x0, spec.y0],
            name,
            topic.hyper_of(spec, name),
            **topic.race_rules(spec),
        )
        found[name] = np.array([trial.f for trial in tried])
        yield len(found) / len(racers), found


def phase(spec: Race, runs: Mapping[str, Run]) -> None:
    """Draw the exact rate of the heavy ball at the minimum over its two knobs."""
    problem = topic.problem_of(spec)
    H = problem.hess(problem.minima[0]) if problem.minima else problem.hess([0.0, 0.0])
    values = np.linalg.eigvalsh(H)
    if values.min() <= 0:
        st.info("The exact rate needs a minimum with positive curvature: choose another surface.")
        return
    rates, betas = np.linspace(1e-3, 4.2, 181) / values.max(), np.linspace(0, 0.999, 141)
    factor = momentum_theory.rate(rates[None, :], betas[:, None], values)
    best = momentum_theory.optimum(values)
    figure = race_charts.phase_plane(rates, betas, factor, best, lecture_mode())
    now = topic.hyper_of(spec, "heavy_ball")
    here = [momentum_theory.regime(now["lr"], now["momentum"], value) for value in values]
    st.caption(
        f"The heavy ball at the minimum, λ = {values[0]:.3g} and {values[1]:.3g}: its error "
        f"shrinks by this factor each step; blank diverges. Best (the star): η = {best[0]:.3g}, "
        f"β = {best[1]:.3g}, factor {best[2]:.3g}. Yours {' and '.join(here)}. Click to load."
    )
    hands = [_own("heavy_ball", k, now[k]) for k in ("lr", "momentum")]
    _pick("race_phase", figure, hands, "now")


class _Loads(NamedTuple):
    """A setting that a click on a map loads: whose knob, on which page of keys, its value now."""

    owner: Callable[..., Any]
    keys: str
    knob: str
    now: float


def _on_page(knob: str, now: float) -> _Loads:
    return _Loads(Race, PAGE, knob, now)


def _own(method: str, knob: str, now: float) -> _Loads:
    return _Loads(METHODS[method], f"{PAGE}_{method}", knob, float(now))


def _pick(key: str, figure: Any, axes: list[_Loads], label: str) -> None:
    """Draw a map whose handle loads the two settings on its axes."""

    def on_hand(hand: Hand) -> None:
        for axis, value in zip(axes, (hand.x, hand.y), strict=True):
            whole = knobs(axis.owner)[axis.knob].type is int
            near = round(value) if whole else float(f"{value:.4g}")
            write(axis.keys, {axis.knob: type(near)(clamp(axis.owner, axis.knob, near))})

    handle = Handle("now", label, axes[0].now, axes[1].now, live=False)
    scene = Scene((), (handle,), "A map; click to load what is there.")
    stage(key, figure, scene, height=HEIGHT, on_hand=on_hand, large=lecture_mode())
