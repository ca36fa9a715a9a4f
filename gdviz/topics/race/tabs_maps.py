"""The maps of the page *race*: starts, two knobs, the rate of all methods, momentum exactly."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from gdviz.figures.scene import Handle, Scene
from gdviz.knobs import Choice, clamp, knobs
from gdviz.numerals import number
from gdviz.optimize import LABELS, METHODS, Problem, Run, momentum_theory, tuning
from gdviz.topics.race import charts as race_charts
from gdviz.topics.race import settings as topic
from gdviz.topics.race import studies as race_maps
from gdviz.topics.race.loops import OUTER, loop_of
from gdviz.topics.race.racers import short_name
from gdviz.topics.race.rates import minima_of, zoom_window
from gdviz.topics.race.settings import Race
from gdviz.ui.chart import chart
from gdviz.ui.controls import write
from gdviz.ui.jobs import run_job
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.rooms import tab_knob
from gdviz.ui.stage import Hand, stage

PAGE = "race"
HEIGHT = 440
ZOOMS = {str(z): f"{z}×" for z in (1, 4, 16, 64, 256, 1024, 4096)}
SIZES = {"quick": 128, "fine": 512}


def method_among(runs: Iterable[str]) -> str:
    """Draw a choice among methods and return the one chosen."""
    full = {short_name(name): name for name in runs}
    names = {short: LABELS[name] for short, name in full.items()}
    return full[tab_knob(PAGE, "method", Choice(names, "method"), next(iter(names)))]


def basins(spec: Race, runs: Mapping[str, Run]) -> None:
    """Draw where each start ends, for one method."""
    left, middle, right = st.columns([2, 2, 1])
    with left:
        name = method_among(runs)
    words_of = "Around the start: click on a border, then go closer; some never become a line."
    with middle:
        zoom = int(tab_knob(PAGE, "zoom", Choice(ZOOMS, "zoom", words_of), "1"))
    with right:
        size = tab_knob(PAGE, "detail", Choice({n: n for n in SIZES}, "detail"), "quick")
    whole = topic.problem_of(spec)
    minima = minima_of(whole)
    problem = replace(whole, box=zoom_window(whole.box, (spec.x0, spec.y0), zoom))
    hyper, loop = topic.hyper_of(spec, name), loop_of(spec)
    found = run_job(
        PAGE,
        ("basins", problem.text, problem.box, name, *hyper.items(), *loop.items(), size),
        lambda: race_maps.basin_rows(problem, minima, name, hyper, SIZES[size or "quick"], loop),
    )
    if found is None:
        return
    minimum, steps = found
    figure = race_charts.basin_image(problem, minimum, steps, minima, lecture_mode())
    names = ", ".join(f"({number(x, 3)}, {number(y, 3)})" for x, y in minima[:6]) or "none"
    more = f" and {len(minima) - 6} more" if len(minima) > 6 else ""
    st.caption(
        f"{minimum.size:,} starts, {race_maps.STEPS} steps each{said_of(spec, name)}: one colour "
        f"per minimum, {names}{more}; darker took longer, grey ended at none in time, black "
        "diverged. Click a start to load it."
    )
    _pick("race_basins", figure, [_on_page("x0", spec.x0), _on_page("y0", spec.y0)], "start")


def said_of(spec: Race, inside: str = "") -> str:
    """Say what a map leaves out of the rules of the race; the loop is around the method `inside`.

    None is around one that asks f for more than gradients, in the race as on its maps.
    """
    rules = [(spec.schedule != "constant", "the schedule"), (spec.noise, "the noise")]
    rules += [(spec.clip, "the clip"), (bool(loop_of(spec)) and not inside, OUTER[spec.outer])]
    left_out = [word for there, word in rules if there]
    looped = inside and loop_of(spec) and hasattr(METHODS[inside], "state")
    jumps = ", which goes on jumping beside a minimum" if spec.outer == "sam" else ""
    around = f", inside {OUTER[spec.outer]}{jumps}" if looped else ""
    return around + (f", without {' and '.join(left_out)}" if left_out else "")


def two_knobs(spec: Race, runs: Mapping[str, Run]) -> None:
    """Draw the steps to converge over any two knobs of a method."""
    places = st.columns(3)
    with places[0]:
        name = method_among(runs)
    free = race_maps.free_knobs(name)
    usual = race_maps.usual_axes(name)
    labels = {k: knob.kind.label for k, knob in free.items()}
    with places[1]:
        across = tab_knob(PAGE, f"across_{short_name(name)}", Choice(labels, "across"), usual[0])
    with places[2]:
        up = tab_knob(PAGE, f"up_{short_name(name)}", Choice(labels, "up"), usual[1])
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
        f"Steps of {LABELS[name]} to converge{said_of(spec, name)}; grey did not in "
        f"{race_maps.STEPS}, dark diverged. Click to load."
    )
    now: dict[str, Any] = {**topic.hyper_of(spec, name), "x0": spec.x0, "y0": spec.y0}
    hands = [
        _on_page(k, now[k]) if k in ("x0", "y0") else _own(name, k, now[k]) for k in (across, up)
    ]
    _pick(f"race_map_{short_name(name)}_{across}_{up}", figure, hands, "now")


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
    if set(runs) - set(racers):
        others = ", ".join(LABELS[name] for name in runs if name not in racers)
        st.caption(f"Without {others}: how far they step is not set by an η.")
    gaps = _above_the_lowest(topic.problem_of(spec), found)
    figure = race_charts.sensitivity(tuning.RATES, gaps, lecture_mode())
    words_of = "The last f of each method against η."
    chart(figure, height=340, key="race_sensitivity", alt=words_of)


def _above_the_lowest(problem: Problem, found: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return how far values of f are above the lowest minimum, or above the lowest of them."""
    floor = min(float(np.min(f)) for f in found.values())
    lowest = min([float(problem.f(m)) for m in minima_of(problem)] + [floor])
    return {name: np.maximum(f - lowest, 1e-16) for name, f in found.items()}


def ranges(spec: Race, runs: Mapping[str, Run]) -> None:
    """Draw f of every method while its rate grows."""
    racers = [name for name in runs if tuning.tunable(name) and hasattr(METHODS[name], "state")]
    if not racers:
        st.info("No method here has a rate that can be set at each step.")
        return
    found = race_maps.range_tests(spec, racers)
    gaps = _above_the_lowest(topic.problem_of(spec), {name: test.f for name, test in found.items()})
    rates = next(iter(found.values())).rates
    figure = race_charts.sensitivity(rates, gaps, lecture_mode(), "after each step")
    words_of = "f of each method while η grows."
    chart(figure, height=340, key="race_range", alt=words_of)
    ends = "; ".join(f"{LABELS[n]} at η = {number(t.lowest, 3)}" for n, t in found.items())
    st.caption(
        f"One run of each method from the start, {len(rates)} steps whose η grows by the same "
        f"factor (Smith 2017){said_of(spec)}. A useful η is where f falls fast, well before it is "
        f"lowest: {ends}."
    )


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
    here = ["is monotone" if how == "monotone" else how for how in here]
    both = f"{here[0]} along the flat axis and {here[1]} along the steep one"
    yours = f"{here[0]} along both axes" if here[0] == here[1] else both
    st.caption(
        f"The heavy ball at the minimum{said_of(spec)}, λ = {number(values[0], 3)} and "
        f"{number(values[1], 3)}: "
        "its error "
        "shrinks by this factor each step; blank diverges. Best (the star): η = "
        f"{number(best[0], 3)}, "
        f"β = {number(best[1], 3)}, factor {number(best[2], 3)}. Your heavy ball {yours}. Click "
        "to load."
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
    return _Loads(METHODS[method], f"{PAGE}_{short_name(method)}", knob, float(now))


def _pick(key: str, figure: Any, axes: list[_Loads], label: str) -> None:
    """Draw a map whose handle loads the two settings on its axes."""

    def on_hand(hand: Hand) -> None:
        for axis, value in zip(axes, (hand.x, hand.y), strict=True):
            whole = knobs(axis.owner)[axis.knob].type is int
            near = round(value) if whole else float(f"{value:.4g}")
            write(axis.keys, {axis.knob: type(near)(clamp(axis.owner, axis.knob, near))})

    handle = Handle("now", label, axes[0].now, axes[1].now, live=False)
    scene = Scene((), (handle,), "A map; click to load what is there.")
    stage(key, figure, scene, height=HEIGHT, on_hand=on_hand)
