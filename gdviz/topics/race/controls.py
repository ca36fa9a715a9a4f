"""The knobs of the race: the surface, who runs, each method's own knobs, and the rules."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from gdviz.catalogue.preset import Preset
from gdviz.figures.hand import Hand
from gdviz.knobs import clamp, knobs
from gdviz.optimize import LABELS, METHODS, SURFACES
from gdviz.optimize.methods import why_not
from gdviz.optimize.typed_rules import RULE, RULE_TEXT
from gdviz.topics.race import settings as topic
from gdviz.topics.race.controls_methods import method_list
from gdviz.topics.race.loops import LOOP_KNOBS
from gdviz.topics.race.racers import METHODS_HERE, full_name, method_knobs
from gdviz.topics.race.rates import good_rate, rate_marks, rate_window
from gdviz.topics.race.settings import SHAPES, TYPED, Race
from gdviz.ui.controls import Controls, key_of, write
from gdviz.ui.dial import Mark
from gdviz.ui.rule_editor import new_rule, rule_editor

PAGE = "race"
_ELSEWHERE = {"natural_gradient": " On the surface *Normal likelihood* it does."}
TYPED_KNOBS = ("formula", "left", "right", "bottom", "top")
HEADS = (
    "The step is to scale, in the method's colour. −∇f (black, or dotted in its colour) and the "
    "momentum (dashed) are shortened by a square root, so that small ones show."
)
RULES = ("steps", "stop", "tol", "schedule", "noise", "seed", "clip")


def forget_own_knobs(preset: Preset) -> None:
    """Set the knobs of every method back, before a preset writes those it names."""
    write(PAGE, {name: knob.default for name, knob in method_knobs().items() if "_" in name})
    new_rule(PAGE, str(preset.values.get(RULE, RULE_TEXT)))


def start_with_surface() -> None:
    """A chosen surface brings its own start, and rates that suit it."""
    name = st.session_state[key_of(PAGE, "surface")]
    if name not in SURFACES:
        return
    problem = SURFACES[name]
    plain = {k: knobs(Race)[k].default for k in SHAPES.get(name, ())}
    write(PAGE, plain | {"x0": problem.start[0], "y0": problem.start[1]})
    for racer in METHODS_HERE:
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
    if RULE in draw.values["methods"]:
        rule_editor(draw, topic.entries)
    with draw.menu("all_methods", "All methods", ":material/list:") as is_open:
        if is_open:
            method_list(draw.values["methods"], topic.problem_of(draw.spec()))
    _tell_absent(draw.spec())
    draw.beside("x0", "y0")
    rates = st.container()  # above the rules, which say what can be marked there
    _menus(draw)
    with rates:
        own = _rates(draw)
    draw.draw("hidden")
    values = draw.values
    values["hyper"] = topic.changed_knobs(values["methods"], own.items(), values[RULE])
    return draw.spec()


def _tell_absent(spec: Race) -> None:
    """Say which of the chosen methods do not run on this surface, and why."""
    for name in spec.methods:
        reason = why_not(name, topic.problem_of(spec))
        if reason:
            st.caption(f"{LABELS[name]} does not run here: {reason}.{_ELSEWHERE.get(name, '')}")


def _menus(draw: Controls) -> None:
    """Draw the menus of what holds for all: the rules of the race, and what is shown."""
    with st.container(horizontal=True):
        with draw.menu("rules", "Rules", ":material/rule:"):
            for name in (*RULES, *LOOP_KNOBS):
                draw.draw(name)
            _tell_unmoved(draw.spec())
        with draw.menu("heads", "Arrows", ":material/north_east:") as is_open:
            draw.draw("overlays")
            draw.draw("heads")
            if is_open:
                st.caption(HEADS)


def _tell_unmoved(spec: Race) -> None:
    """Say which methods see f as it is: these conditions are for rules of gradients."""
    asked = spec.schedule != "constant" or spec.noise or spec.clip or spec.outer != "none"
    named = [full_name(name, spec.rule) for name in spec.methods]
    others = [LABELS[name] for name in named if not hasattr(METHODS[name], "state")]
    if asked and others:
        st.caption(
            "Schedule, noise, clipping, Lookahead and SAM stand around a rule of gradients. "
            f"{', '.join(others)}: they ask f for more, and see it as it is."
        )


def _shape(draw: Controls, names: Sequence[str]) -> None:
    """Draw the knobs that a surface has of its own, side by side."""
    for column, name in zip(st.columns(len(names)) if names else (), names, strict=True):
        with column:
            draw.draw(name)


def _formula(draw: Controls) -> None:
    """Draw the formula and its window; an invalid formula keeps the last valid one."""
    draw.draw("formula")
    with draw.menu("window", "Window"):
        for name in TYPED_KNOBS[1:]:
            draw.draw(name, with_dial=False)
    draw.keep_valid(TYPED_KNOBS, topic.problem_of)


def _rates(draw: Controls) -> dict[str, tuple[tuple[str, Any], ...]]:
    """Draw the rate of the first method that has one, and a menu of every method's knobs."""
    own: dict[str, Mapping[str, Any]] = {}
    spec = draw.spec()
    method_of = {name: METHODS[full_name(name, spec.rule)] for name in spec.methods}
    first = next((m for m in spec.methods if "lr" in knobs(method_of[m])), None)
    with draw.menu("methods", "Knobs of each method", ":material/tune:") as is_open:
        for name in spec.methods:
            drawer = Controls(method_of[name], f"{PAGE}_{name}", shown=is_open)
            names = [k for k in drawer.knobs if not (name == first and k == "lr")]
            if names and is_open:
                st.markdown(f"**{LABELS[full_name(name, spec.rule)]}**")
            for knob in names:
                drawer.draw(knob, with_dial=False)
            own[name] = drawer.values
    if first:
        drawer = Controls(method_of[first], f"{PAGE}_{first}", live=True)
        name = full_name(first, spec.rule)
        marks = [Mark(value, label) for value, label in rate_marks(spec, name)]
        window = rate_window(topic.problem_of(spec), name)
        value = drawer.draw("lr", marks=marks, window=window, label=f"η of {LABELS[name]}")
        own[first] = {**own[first], "lr": value}
    return {name: tuple(values.items()) for name, values in own.items()}


def put_start(hand: Hand) -> None:
    """Move the start to where the hand is on the map."""
    write(PAGE, {"x0": clamp(Race, "x0", hand.x), "y0": clamp(Race, "y0", hand.y)})
