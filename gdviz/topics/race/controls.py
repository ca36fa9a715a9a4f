"""The knobs of the race: the surface, who runs, each method's own knobs, and the rules."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import streamlit as st

from gdviz.catalogue.preset import Preset
from gdviz.expressions import FormulaError
from gdviz.figures.hand import Hand
from gdviz.knobs import clamp, knobs
from gdviz.optimize import LABELS, METHODS, SURFACES, Run
from gdviz.topics.race import settings as topic
from gdviz.topics.race.rates import good_rate, rate_marks, rate_window
from gdviz.topics.race.settings import RACERS, SHAPES, TYPED, Race
from gdviz.ui.controls import Controls, key_of, write
from gdviz.ui.dial import Mark
from gdviz.ui.pins import pins
from gdviz.ui.share import name_of

PAGE = "race"
TYPED_KNOBS = ("formula", "left", "right", "bottom", "top")
HEADS = (
    "The step is to scale, in the method's colour. −∇f (black, or dotted in its colour) and the "
    "momentum (dashed) are shortened by a square root, so that small ones show."
)
RULES = ("steps", "stop", "tol", "schedule", "noise", "seed", "clip")


def forget_own_knobs(preset: Preset) -> None:
    """Set the knobs of every method back, before a preset writes those it names."""
    for name in RACERS:
        write(f"{PAGE}_{name}", {k: knob.default for k, knob in knobs(METHODS[name]).items()})


def start_with_surface() -> None:
    """A chosen surface brings its own start, and rates that suit it."""
    name = st.session_state[key_of(PAGE, "surface")]
    if name not in SURFACES:
        return
    problem = SURFACES[name]
    plain = {k: knobs(Race)[k].default for k in SHAPES.get(name, ())}
    write(PAGE, plain | {"x0": problem.start[0], "y0": problem.start[1]})
    for racer in RACERS:
        rate = good_rate(problem, racer)
        if rate is not None:
            write(f"{PAGE}_{racer}", {"lr": rate})


def controls() -> Race:
    """Draw the knobs; return the settings, always runnable."""
    draw = Controls(Race, PAGE)
    chosen = draw.draw("surface", on_change=start_with_surface)
    if chosen == TYPED:
        _formula(draw)
    else:
        _shape(draw, SHAPES.get(chosen, ()))
    draw.draw("methods")
    draw.beside("x0", "y0")
    own = _rates(draw)
    _menus(draw)
    draw.draw("hidden")
    draw.values["hyper"] = topic.changed_knobs(draw.values["methods"], own.items())
    return draw.spec()


def _menus(draw: Controls) -> None:
    """Draw the menus of what holds for all: the rules of the race, and what is shown."""
    with st.container(horizontal=True):
        with draw.menu("rules", "Rules", ":material/rule:"):
            for name in RULES:
                draw.draw(name)
        with draw.menu("heads", "Heads", ":material/north_east:") as is_open:
            draw.draw("overlays")
            draw.draw("heads")
            if is_open:
                st.caption(HEADS)


def _shape(draw: Controls, names: Sequence[str]) -> None:
    """Draw the knobs that a surface has of its own, side by side."""
    for column, name in zip(st.columns(len(names)) if names else (), names, strict=True):
        with column:
            draw.draw(name)


def _formula(draw: Controls) -> None:
    """Draw the formula and its window; a formula that says nothing keeps the last one that did."""
    draw.draw("formula")
    with draw.menu("window", "Window"):
        for name in TYPED_KNOBS[1:]:
            draw.draw(name, with_dial=False)
    draw.keep_valid(TYPED_KNOBS, topic.problem_of)


def _rates(draw: Controls) -> dict[str, tuple[tuple[str, Any], ...]]:
    """Draw the rate of the first method that has one, and a menu of every method's knobs."""
    own: dict[str, Mapping[str, Any]] = {}
    spec = draw.spec()
    first = next((m for m in spec.methods if "lr" in knobs(METHODS[m])), None)
    with draw.menu("methods", "Knobs of each method", ":material/tune:") as is_open:
        for name in spec.methods:
            drawer = Controls(METHODS[name], f"{PAGE}_{name}", shown=is_open)
            names = [k for k in drawer.knobs if not (name == first and k == "lr")]
            if names and is_open:
                st.markdown(f"**{LABELS[name]}**")
            for knob in names:
                drawer.draw(knob, with_dial=False)
            own[name] = drawer.values
    if first:
        drawer = Controls(METHODS[first], f"{PAGE}_{first}", live=True)
        marks = [Mark(value, label) for value, label in rate_marks(spec, first)]
        window = rate_window(topic.problem_of(spec), first)
        value = drawer.draw("lr", marks=marks, window=window, label=f"η of {LABELS[first]}")
        own[first] = {**own[first], "lr": value}
    return {name: tuple(values.items()) for name, values in own.items()}


def put_start(hand: Hand) -> None:
    """Move the start to where the hand is on the map."""
    write(PAGE, {"x0": clamp(Race, "x0", hand.x), "y0": clamp(Race, "y0", hand.y)})


def ghosts_on(spec: Race) -> list[tuple[str, Run]]:
    """Return the pinned runs on the surface of the spec; a forged pin may have no window to run."""
    found: list[tuple[str, Run]] = []
    for pin in pins(PAGE, Race):
        if topic.same_surface(pin, spec):
            with suppress(FormulaError):
                runs = topic.run(pin)
                found += [(f"{name_of(pin)}: {name}", run) for name, run in runs.items()]
    return found
